using System.Globalization;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Jobs;

/// <summary>Watches a background job until it ends. To stop watching does not end it.</summary>
internal static class JobWaiter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits, and shows progress on a terminal.</summary>
    /// <returns>The job, completed.</returns>
    /// <exception cref="CommandFailure">It failed, or somebody cancelled it.</exception>
    public static async Task<JobResponse> WaitAsync(ControlClient client, JobResponse job, CommandOutput output, CancellationToken cancel)
    {
        while (!job.HasEnded)
        {
            output.Progress(ProgressText(job));
            await Task.Delay(Interval, cancel).ConfigureAwait(false);
            job = await client.GetJobAsync(job.Id, cancel).ConfigureAwait(false);
        }

        output.Progress("");
        return job.State switch
        {
            JobState.Completed => job,
            JobState.Cancelled => throw new CommandFailure(ControlErrorKind.Failed, $"job {job.Id}, {job.Kind} of {job.Volume}, was cancelled; start it again to go on"),
            _ => throw new CommandFailure(ControlErrorKind.Failed, $"job {job.Id}, {job.Kind} of {job.Volume}, failed: {job.Error}"),
        };
    }

    private static string ProgressText(JobResponse job)
    {
        double share = job.TotalBytes == 0 ? 0 : Math.Min(100, 100.0 * job.DoneBytes / job.TotalBytes);
        string standing = job.State switch
        {
            JobState.Paused => ", paused",
            JobState.Waiting => ", waiting for space",
            _ => "",
        };
        return string.Create(
            CultureInfo.InvariantCulture, $"{job.Kind} of {job.Volume}: {share:0} % ({Size.ToText(job.DoneBytes)} of {Size.ToText(job.TotalBytes)}){standing}");
    }
}
