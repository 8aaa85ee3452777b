using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Jobs;

/// <summary>What a new job is to do.</summary>
/// <param name="Kind">A stable word.</param>
/// <param name="Volume">What it works on; at most one job at a time on each.</param>
/// <param name="Work">
/// Runs on a thread of the job's own, and returns when all is done. It calls <see cref="Job.Advance"/> often, holding nothing, and lets its
/// <see cref="OperationCanceledException"/> pass; any other exception is the job's failure.
/// </param>
internal sealed record JobPlan(string Kind, Volume Volume, Action<Job> Work)
{
    /// <summary>What there is to copy.</summary>
    public long TotalBytes { get; init; }

    /// <summary>What is copied already by an earlier run that this one goes on with.</summary>
    public long DoneBytes { get; init; }

    /// <summary>How it begins.</summary>
    public JobSettings Settings { get; init; } = new();

    /// <summary>Told of new settings before they take effect, to keep them over a restart; an exception refuses the change.</summary>
    public Action<JobSettings> Remember { get; init; } = static _ => { };

    /// <summary>
    /// Told, on the job's thread, that somebody cancelled it for good; not called when it ends because the pool is closed. An exception makes the job
    /// fail instead.
    /// </summary>
    public Action Cancelled { get; init; } = static () => { };

    /// <summary>Told, on the job's thread, that its work is over, however it ended, before anybody can see that. Must not throw.</summary>
    public Action Ended { get; init; } = static () => { };
}
