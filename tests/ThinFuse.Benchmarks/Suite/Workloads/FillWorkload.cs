using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>Writes an empty file from end to end, 1 MiB at a time, and leaves it so for what follows.</summary>
internal sealed class FillWorkload() : Workload("first-write-1m")
{
    /// <inheritdoc/>
    public override void Run(Subject subject, SuiteContext context, Recorder recorder)
    {
        if (subject.Fill(context.Options.SizeBytes) is FioResult result)
        {
            recorder.Add(Id, "rate", "MB/s", subject.Name, result.BytesPerSecond / 1e6);
        }
    }
}
