using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>The same work on pools of different chunk sizes, one after the other within each kind of work.</summary>
internal sealed class ChunkSizeExperiment() : Experiment("chunk")
{
    private const string Volume = "disk";
    private const string Fresh = "fresh";
    private const int Mebibyte = 1 << 20;

    private static readonly string[] ChunkSizes = ["4K", "16K", "64K", "1M"];

    /// <inheritdoc/>
    public override void Run(ExperimentContext context, Recorder recorder)
    {
        long sizeBytes = Math.Min(context.Options.SizeBytes, 1L << 30);
        List<(string ChunkSize, ThinFuseServer Server)> pools = [];
        try
        {
            foreach (string chunkSize in ChunkSizes)
            {
                ThinFuseServer server = context.NewServer(chunkSize);
                pools.Add((chunkSize, server));

                // Twice for the volume and what a snapshot keeps of it, once for the other volume.
                server.Create("--chunk-size", chunkSize, "--size", $"{3 * sizeBytes}");
                server.Mount();
            }

            for (int round = 1; round <= context.Options.Rounds; round++)
            {
                recorder.Round = round;
                pools.ForEach(pool => Renew(pool.Server, sizeBytes, context));
                Measure(pools, context, recorder, "first-write-4k", server => Random(server.FileOf(Fresh), sizeBytes, "randwrite"));
                Measure(pools, context, recorder, "randread-4k", server => Random(server.FileOf(Volume), sizeBytes, "randread"));
                Measure(pools, context, recorder, "overwrite-4k", server => Random(server.FileOf(Volume), sizeBytes, "randwrite"));
                Measure(pools, context, recorder, "seqread-1m", server => Large(server.FileOf(Volume), sizeBytes, "read"));
                Measure(pools, context, recorder, "seqwrite-1m", server => Large(server.FileOf(Volume), sizeBytes, "write"));
                pools.ForEach(pool => pool.Server.Control
                    .CreateSnapshotsAsync(new SnapshotCreateRequest([Volume], "frozen"), context.Cancel).GetAwaiter().GetResult());
                Measure(pools, context, recorder, "after-snapshot-4k", server => Random(server.FileOf(Volume), sizeBytes, "randwrite"));
            }
        }
        finally
        {
            pools.ForEach(pool => pool.Server.Dispose());
        }
    }

    private static void Renew(ThinFuseServer server, long sizeBytes, ExperimentContext context)
    {
        server.Clear();
        foreach (string name in (string[])[Volume, Fresh])
        {
            server.CreateVolume(name, sizeBytes);
        }

        context.Fill(server.FileOf(Volume), sizeBytes);
    }

    private void Measure(
        List<(string ChunkSize, ThinFuseServer Server)> pools, ExperimentContext context, Recorder recorder, string work,
        Func<ThinFuseServer, FioJob> shape)
    {
        foreach ((string chunkSize, ThinFuseServer server) in pools)
        {
            FioJob job = shape(server) with { RuntimeSeconds = context.Options.RuntimeSeconds, Seed = recorder.Round };
            FioResult result = job.Run(context.Cancel);
            bool isLarge = job.BlockBytes == Mebibyte;
            recorder.Add(
                $"{Id}-{chunkSize.ToLowerInvariant()}-{work}", "rate", isLarge ? "MB/s" : "kIOPS", context.Subject,
                isLarge ? result.BytesPerSecond / 1e6 : result.Iops / 1000);
        }
    }

    private static FioJob Random(string file, long sizeBytes, string pattern) => new() { File = file, SizeBytes = sizeBytes, Pattern = pattern };

    private static FioJob Large(string file, long sizeBytes, string pattern) =>
        new() { File = file, SizeBytes = sizeBytes, Pattern = pattern, BlockBytes = Mebibyte, Depth = 8 };
}
