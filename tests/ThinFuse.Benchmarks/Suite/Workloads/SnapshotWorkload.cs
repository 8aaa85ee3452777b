using System.Diagnostics;
using ThinFuse.Benchmarks.Drivers;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>Takes snapshots of a volume fragmented by random writes, one after the other, while a writer goes on.</summary>
internal sealed class SnapshotWorkload() : Workload("snapshot-create")
{
    private const int MaxSnapshots = 100;
    private const int PauseMs = 10;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    public override bool Suits(Subject subject) => subject.Snapshots is not null;

    /// <inheritdoc/>
    public override void Run(Subject subject, SuiteContext context, Recorder recorder)
    {
        ISnapshots snapshots = subject.Snapshots!;

        // What others do meanwhile must not be taken for a stall; and neither must a collection in this process.
        List<double> createdMs = new(MaxSnapshots);
        using StallProbe probe = StallProbe.Start(subject.File, context.Options.SizeBytes, recorder.Round);
        double quietMs = probe.TakeMaxMs(context.Cancel);
        Stopwatch budget = Stopwatch.StartNew();
        for (int i = 0; i < MaxSnapshots && budget.Elapsed < Budget; i++)
        {
            context.Cancel.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            snapshots.Create($"s{i}");
            createdMs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Thread.Sleep(PauseMs);
        }

        double stalledMs = probe.Stop();
        recorder.Add(Id, "median", "ms", subject.Name, Samples.Median(createdMs));
        recorder.Add(Id, "p99", "ms", subject.Name, Samples.Percentile(createdMs, 0.99));
        recorder.Add(Id, "writer stall", "ms", subject.Name, stalledMs);
        recorder.Add(Id, "quiet stall", "ms", subject.Name, quietMs);
    }
}
