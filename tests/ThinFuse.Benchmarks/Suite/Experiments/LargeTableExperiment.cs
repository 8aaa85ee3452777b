using System.Diagnostics;
using System.Globalization;
using ThinFuse.Benchmarks.Drivers;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>
/// A pool whose volume is mapped from end to end, in a sparse node without data: how fast it opens, after a crash and after an orderly end, what
/// memory its daemon needs, and how fast random reads are beside a small volume of the same pool.
/// </summary>
internal sealed class LargeTableExperiment(string label, long chunks) : Experiment($"table-{label}")
{
    private const long ChunkBytes = 1 << 16;
    private const long SmallChunks = 16 << 10;
    private const long EmptyPoolChunks = SmallChunks / 2;
    private const string Big = "big";
    private const string Small = "small";

    /// <inheritdoc/>
    public override void Run(ExperimentContext context, Recorder recorder)
    {
        using ThinFuseServer empty = context.NewServer("empty");
        using ThinFuseServer large = context.NewServer("large");
        MakePool(context, empty, SmallChunks);
        MakePool(context, large, chunks + (2 * SmallChunks));
        FillTable(context, empty, Big, EmptyPoolChunks);
        FillTable(context, large, Small, SmallChunks);
        FillTable(context, large, Big, chunks, "--crash");

        void Add(string metric, string unit, double value) => recorder.Add(Id, metric, unit, context.Subject, value);

        Add("open after kill -9", "ms", Open(context, large, empty));
        Add("open after close", "ms", Open(context, large, empty));
        for (int round = 1; round <= context.Options.Rounds; round++)
        {
            // The same work in daemons of the same age: what differs is the table.
            recorder.Round = round;
            Add("mount, empty pool", "ms", TimeMount(empty));
            _ = ReadRate(context, empty, Big, EmptyPoolChunks, round);
            _ = ReadRate(context, empty, Big, EmptyPoolChunks, round);
            long emptyBytes = ProcessUse.AnonymousBytes(empty.ProcessId);
            empty.Unmount();

            Add("mount after close", "ms", TimeMount(large));
            Add("RSS after first read", "MiB", ProcessUse.ResidentBytes(large.ProcessId) / (double)(1 << 20));
            Add("randread-4k", "kIOPS", ReadRate(context, large, Big, chunks, round));
            Add("randread-4k, small", "kIOPS", ReadRate(context, large, Small, SmallChunks, round));
            Add("RSS after reads", "MiB", ProcessUse.ResidentBytes(large.ProcessId) / (double)(1 << 20));
            long anonymousBytes = ProcessUse.AnonymousBytes(large.ProcessId);
            Add("anonymous memory", "MiB", anonymousBytes / (double)(1 << 20));
            Add("memory a chunk", "bytes", (anonymousBytes - emptyBytes) / (double)(chunks + SmallChunks - EmptyPoolChunks));
            if (round < context.Options.Rounds)
            {
                large.Unmount();
            }
        }

        Add("metadata on disk", "bytes/chunk", MetadataBytes(large) / (double)chunks);
        large.Kill();
        Add("mount after kill -9", "ms", TimeMount(large));
    }

    private static void MakePool(ExperimentContext context, ThinFuseServer server, long chunks)
    {
        string node = Path.Combine(context.Home, $"node-{chunks}");
        using (FileStream file = new(node, FileMode.CreateNew))
        {
            // One more for the node's own label.
            file.SetLength((chunks * ChunkBytes) + (1 << 20));
        }

        server.Create("--node", node);
    }

    private static void FillTable(ExperimentContext context, ThinFuseServer server, string volume, long chunks, params string[] options)
    {
        (int code, string output, string error) = context.Self(
            ["fill-table", server.Pool, "--volume", volume, "--chunks", $"{chunks}", .. options]);
        bool isCrash = options.Length != 0;
        if (isCrash ? code == 0 || !output.StartsWith("mapped", StringComparison.Ordinal) : code != 0)
        {
            throw new InvalidOperationException($"fill-table ended with {code}: {(output + error).Trim()}");
        }
    }

    private static double Open(ExperimentContext context, ThinFuseServer server, ThinFuseServer warmUp)
    {
        (int code, string output, string error) = context.Self("open", server.Pool, "--volume", Big, "--warm-up", warmUp.Pool);
        return code == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException(error.Trim());
    }

    /// <summary>From the start of the command to the end of the first read, as a user sees it.</summary>
    private static double TimeMount(ThinFuseServer server)
    {
        Stopwatch watch = Stopwatch.StartNew();
        server.Mount();
        using BlockFile file = new(server.FileOf(Big));
        file.Read(1000);
        return watch.Elapsed.TotalMilliseconds;
    }

    private static double ReadRate(ExperimentContext context, ThinFuseServer server, string volume, long chunks, int seed) => new FioJob
    {
        File = server.FileOf(volume),
        SizeBytes = chunks * ChunkBytes,
        Pattern = "randread",
        RuntimeSeconds = context.Options.RuntimeSeconds,
        Seed = seed,
        KeepsNoMap = true,
    }.Run(context.Cancel).Iops / 1000;

    private static long MetadataBytes(ThinFuseServer server) => Directory
        .EnumerateFiles(server.Pool, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/journal/", StringComparison.Ordinal) && !path.EndsWith(".sock", StringComparison.Ordinal))
        .Sum(LinuxFile.AllocatedBytes);
}
