using System.Globalization;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Jobs;

/// <summary>Background jobs for people.</summary>
internal static class JobTable
{
    public static TextTable Of(IReadOnlyList<JobResponse> jobs)
    {
        TextTable table = new(
            new TextColumn("id", IsRight: true),
            new TextColumn("kind"),
            new TextColumn("volume"),
            new TextColumn("state"),
            new TextColumn("done", IsRight: true),
            new TextColumn("total", IsRight: true),
            new TextColumn("rate limit", IsRight: true),
            new TextColumn("started (UTC)"));
        foreach (JobResponse job in jobs)
        {
            table.Add(
                job.Id.ToString(CultureInfo.InvariantCulture),
                job.Kind,
                job.Volume,
                job.Error is null ? StateText(job.State) : $"failed: {job.Error}",
                Size.ToText(job.DoneBytes),
                Size.ToText(job.TotalBytes),
                job.RateBytesPerSecond == 0 ? "-" : Size.ToText(job.RateBytesPerSecond) + "/s",
                job.StartedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }

        return table;
    }

    /// <summary>One job in a line.</summary>
    public static string Line(JobResponse job) => string.Create(
        CultureInfo.InvariantCulture,
        $"job {job.Id}: {job.Kind} of {job.Volume} {StateText(job.State)}, {Size.ToText(job.DoneBytes)} of {Size.ToText(job.TotalBytes)} copied");

    private static string StateText(JobState state) => state switch
    {
        JobState.Running => "running",
        JobState.Paused => "paused",
        JobState.Waiting => "waiting for space",
        JobState.Completed => "completed",
        JobState.Cancelled => "cancelled",
        _ => "failed",
    };
}
