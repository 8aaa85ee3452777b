using ThinFuse.Pool.Jobs;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Background copies in pools that may be full.</summary>
internal static class Copies
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Whether a refusal tells of nothing but too little space.</summary>
    internal static bool IsWantOfSpace(string refusal) =>
        refusal.Contains("no free extent", StringComparison.Ordinal) || refusal.Contains("are free;", StringComparison.Ordinal)
        || refusal.Contains("a strict pool", StringComparison.Ordinal);

    /// <summary>Starts a copy; false when the volume has one already, or has let go of what was to be copied.</summary>
    internal static bool TryStart(Func<JobInfo> start)
    {
        try
        {
            start();
            return true;
        }
        catch (PoolException e) when (e.Kind is PoolErrorKind.Busy or PoolErrorKind.Usage)
        {
            return false;
        }
    }

    /// <summary>Goes on with the copies that were under way when the pool was closed, to their ends.</summary>
    internal static void GoOn(ThinPool pool)
    {
        pool.GoOnWithJobs();
        foreach (JobInfo job in pool.Jobs.List())
        {
            RunToEnd(pool, job);
        }
    }

    /// <summary>Waits for the end of a copy; one that waits for space is cancelled, for nobody else makes any.</summary>
    internal static JobState RunToEnd(ThinPool pool, JobInfo job)
    {
        SpinWait.SpinUntil(() => pool.Jobs.Find(job.Id).State != JobState.Running, Patience).Should().BeTrue("it ends, or waits for space");
        JobInfo ended = pool.Jobs.Find(job.Id) is { HasEnded: true } one ? one : pool.Jobs.Cancel(job.Id);
        if (ended.State == JobState.Failed)
        {
            IsWantOfSpace(ended.Error!).Should().BeTrue(ended.Error);
        }

        return ended.State;
    }
}
