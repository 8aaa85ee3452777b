using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>A workload of fio: its rate, the serving processes' CPU per operation, and the tail of its latency.</summary>
/// <param name="id">Its name.</param>
/// <param name="shape">What fio does, given the file and the volume's size; runtime and seed are filled in here.</param>
internal sealed class FioWorkload(string id, Func<string, long, FioJob> shape) : Workload(id)
{
    private const int LargeBlockBytes = 1 << 16;

    /// <summary>Whether it goes through a loop device.</summary>
    public bool ThroughLoop { get; init; }

    /// <summary>Whether it ends by itself, rather than when the time is up.</summary>
    public bool RunsOnce { get; init; }

    /// <summary>Whether only subjects with snapshots can do it.</summary>
    public bool NeedsSnapshots { get; init; }

    /// <inheritdoc/>
    public override bool Suits(Subject subject) =>
        (!ThroughLoop || Environment.UserName == "root") && (!NeedsSnapshots || subject.Snapshots is not null);

    /// <inheritdoc/>
    public override void Run(Subject subject, SuiteContext context, Recorder recorder)
    {
        FioJob job = shape(ThroughLoop ? subject.AttachLoop() : subject.File, context.Options.SizeBytes) with
        {
            RuntimeSeconds = RunsOnce ? 0 : context.Options.RuntimeSeconds,
            Seed = recorder.Round,
        };
        double cpuBefore = ProcessUse.CpuSeconds(subject.Servers);
        FioResult result = job.Run(context.Cancel);
        double cpuSeconds = ProcessUse.CpuSeconds(subject.Servers) - cpuBefore;
        if (ThroughLoop)
        {
            subject.DetachLoop();
        }

        if (job.BlockBytes >= LargeBlockBytes)
        {
            recorder.Add(Id, "rate", "MB/s", subject.Name, result.BytesPerSecond / 1e6);
        }
        else
        {
            recorder.Add(Id, "rate", "kIOPS", subject.Name, result.Iops / 1000);
        }

        recorder.Add(Id, "p99.9", "ms", subject.Name, result.P999Us / 1000);
        if (subject.Servers.Count != 0)
        {
            recorder.Add(Id, "cpu", "us/op", subject.Name, cpuSeconds * 1e6 / result.Operations);
        }
    }
}
