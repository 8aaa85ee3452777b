using System.Diagnostics;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>Deletes the snapshot of a full volume that was overwritten at random since: how long the call takes, and until the space is back.</summary>
internal sealed class DeleteWorkload() : Workload("delete-snapshot")
{
    /// <summary>The snapshot that the stage has made.</summary>
    public const string SnapshotName = "frozen";

    // Metadata that stays: extents that were split remain split.
    private const double Tolerance = 0.03;

    // Each look takes both programs some milliseconds, which must not go off what the daemon has for its work.
    private const int PauseMs = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override bool Suits(Subject subject) => subject.Snapshots is not null;

    /// <inheritdoc/>
    public override void Run(Subject subject, SuiteContext context, Recorder recorder)
    {
        long sizeBytes = context.Options.SizeBytes;
        ISnapshots snapshots = subject.Snapshots!;
        new FioJob
        {
            File = subject.File,
            Pattern = "randwrite",
            SizeBytes = sizeBytes,
            RuntimeSeconds = context.Options.RuntimeSeconds,
            Seed = recorder.Round + 100,
        }.Run(context.Cancel);

        long heldBytes = snapshots.UsedBytes;
        Stopwatch watch = Stopwatch.StartNew();
        snapshots.Delete(SnapshotName);
        recorder.Add(Id, "call", "ms", subject.Name, watch.Elapsed.TotalMilliseconds);

        long wantedBytes = (long)(sizeBytes * (1 + Tolerance)) + subject.OverheadBytes;
        if (Wait.TryUntil(() => snapshots.UsedBytes <= wantedBytes, Patience, context.Cancel, PauseMs) is null)
        {
            recorder.Note($"{subject.Name}: {Patience.TotalSeconds} s after {Id} {snapshots.UsedBytes >> 20} MiB of {heldBytes >> 20} were still held");
            subject.Spoil();
            return;
        }

        recorder.Add(Id, "space back", "ms", subject.Name, watch.Elapsed.TotalMilliseconds);
    }
}
