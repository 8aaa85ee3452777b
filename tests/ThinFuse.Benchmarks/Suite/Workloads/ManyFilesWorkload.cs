using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>
/// Writers that overwrite and sync a file each, at once: whether they share commits. Of one file the kernel sends one fsync at a time, whoever serves it.
/// </summary>
internal sealed class ManyFilesWorkload(string id, int writers) : Workload(id)
{
    /// <inheritdoc/>
    public override bool Suits(Subject subject) => subject is IManyFiles;

    /// <inheritdoc/>
    public override void Run(Subject subject, SuiteContext context, Recorder recorder)
    {
        long sizeBytes = context.Options.SizeBytes / writers;
        IReadOnlyList<string> files = ((IManyFiles)subject).MakeFiles(writers, sizeBytes);
        FioJob filling = new()
        {
            File = files[0],
            OtherFiles = [.. files.Skip(1)],
            Pattern = "write",
            SizeBytes = sizeBytes,
            BlockBytes = 1 << 20,
            Depth = 2,
        };
        filling.Run(context.Cancel);
        FioJob job = filling with
        {
            Pattern = "randwrite",
            BlockBytes = 4096,
            Depth = 1,
            Fsync = true,
            RuntimeSeconds = context.Options.RuntimeSeconds,
            Seed = recorder.Round,
        };
        FioResult result = job.Run(context.Cancel);
        recorder.Add(Id, "rate", "kIOPS", subject.Name, result.Iops / 1000);
        recorder.Add(Id, "p99.9", "ms", subject.Name, result.P999Us / 1000);
    }
}
