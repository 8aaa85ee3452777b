using ThinFuse.Benchmarks.Drivers;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>
/// Random reads of volumes with 1, 10, 100 and 1000 snapshots and of the oldest snapshot of each. As many random blocks have been
/// overwritten in all of them, spread evenly between the snapshots.
/// </summary>
internal sealed class DepthExperiment() : Experiment("depth")
{
    private const int Overwrites = 8000;
    private const int ColdReads = 1000;
    private const int ColdWrites = 100;
    private const string Oldest = "s1";

    private static readonly int[] Depths = [1, 10, 100, 1000];

    /// <inheritdoc/>
    public override void Run(ExperimentContext context, Recorder recorder)
    {
        long sizeBytes = Math.Min(context.Options.SizeBytes, 512L << 20);
        using ThinFuseServer server = context.NewServer("pool");
        server.Create("--size", $"{3 * sizeBytes * Depths.Length}");
        server.Mount();
        foreach (int depth in Depths)
        {
            Build(context, server, depth, sizeBytes);
        }

        for (int round = 1; round <= context.Options.Rounds; round++)
        {
            recorder.Round = round;
            MeasureWarm(context, server, sizeBytes, recorder);
        }

        MeasureCold(context, server, sizeBytes, recorder);
    }

    private static string NameOf(int depth) => $"deep{depth}";

    private static void Build(ExperimentContext context, ThinFuseServer server, int depth, long sizeBytes)
    {
        string name = NameOf(depth);
        server.CreateVolume(name, sizeBytes);
        context.Fill(server.FileOf(name), sizeBytes);
        using BlockFile file = new(server.FileOf(name));
        Random random = new(1);
        for (int level = 1; level <= depth; level++)
        {
            server.Control.CreateSnapshotsAsync(new SnapshotCreateRequest([name], $"s{level}"), context.Cancel).GetAwaiter().GetResult();
            for (int i = 0; i < Overwrites / depth; i++)
            {
                file.Write(random.NextInt64(sizeBytes / BlockFile.BlockBytes));
            }
        }
    }

    private void MeasureWarm(ExperimentContext context, ThinFuseServer server, long sizeBytes, Recorder recorder)
    {
        foreach (string suffix in (string[])["", $"@{Oldest}"])
        {
            foreach (int depth in Depths)
            {
                FioJob job = new() { File = server.FileOf(NameOf(depth) + suffix), SizeBytes = sizeBytes, Pattern = "randread", Seed = recorder.Round };
                (job with { Pattern = "read", BlockBytes = 1 << 20, Depth = 8 }).Run(context.Cancel);
                FioResult result = (job with { RuntimeSeconds = context.Options.RuntimeSeconds }).Run(context.Cancel);
                string what = suffix.Length == 0 ? "head" : "oldest";
                recorder.Add($"{Id}-{depth}-{what}-randread-4k", "rate", "kIOPS", context.Subject, result.Iops / 1000);
            }
        }
    }

    /// <summary>The first reads and the first writes after the pool was opened, each after an opening of its own.</summary>
    private void MeasureCold(ExperimentContext context, ThinFuseServer server, long sizeBytes, Recorder recorder)
    {
        foreach ((string what, string pattern, int operations) in new[] { ("read", "randread", ColdReads), ("write", "randwrite", ColdWrites) })
        {
            server.Unmount();
            server.Mount();
            foreach (int depth in Depths)
            {
                FioJob job = new()
                {
                    File = server.FileOf(NameOf(depth)),
                    SizeBytes = sizeBytes,
                    Pattern = pattern,
                    Depth = 1,
                    Operations = operations,
                };
                recorder.Add($"{Id}-{depth}-head-cold-{what}-4k", "rate", "kIOPS", context.Subject, job.Run(context.Cancel).Iops / 1000);
            }
        }
    }
}
