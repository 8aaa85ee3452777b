using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>All that is measured with every subject.</summary>
internal static class StageCatalog
{
    private const int Mebibyte = 1 << 20;
    private const int ChunkBytes = 1 << 16;
    private const int ManyWriters = 16;

    /// <summary>How much larger than the rest the volume is of which a single block of every chunk is written: few chunks are met twice.</summary>
    private const int SparseFactor = 16;

    /// <summary>The stages, in an order that fills the file only once.</summary>
    public static IReadOnlyList<Stage> All { get; } =
    [
        new Stage(
            Empty,
            [
                Fio("first-write-4k", "randwrite"),
            ]),
        new Stage(
            (subject, context) => subject.Renew(context.Options.SizeBytes * SparseFactor),
            [
                new FioWorkload("first-write-4k-per-chunk", (file, sizeBytes) => Random(file, sizeBytes * SparseFactor, "randwrite") with
                {
                    Operations = sizeBytes / ChunkBytes,
                }) { RunsOnce = true },
            ]),
        new Stage(
            Empty,
            [
                Synced("fsync-first-write-1", writers: 1),
                Synced("fsync-first-write-16", ManyWriters),
            ]),
        new Stage(Empty, [new ManyFilesWorkload("fsync-overwrite-16-files", ManyWriters)]) { Finish = subject => subject.Spoil() },
        new Stage(Nothing, [new FillWorkload()]),
        new Stage(
            Full,
            [
                Fio("randread-4k", "randread"),
                Fio("overwrite-4k", "randwrite"),
                new FioWorkload("loop-randread-4k", (file, sizeBytes) => Random(file, sizeBytes, "randread")) { ThroughLoop = true },
                new FioWorkload("loop-overwrite-4k", (file, sizeBytes) => Random(file, sizeBytes, "randwrite")) { ThroughLoop = true },
                Sequential("seqread-1m", "read"),
                Sequential("seqwrite-1m", "write"),
                Synced("fsync-overwrite-1", writers: 1),
                Synced("fsync-overwrite-16", ManyWriters),
            ]),
        new Stage(
            Frozen,
            [
                new FioWorkload("after-snapshot-4k", (file, sizeBytes) => Random(file, sizeBytes, "randwrite")) { NeedsSnapshots = true },
                new DeleteWorkload(),
            ]),
        new Stage(
            Frozen,
            [
                new FioWorkload("after-snapshot-1m", (file, sizeBytes) => Large(file, sizeBytes, "write"))
                {
                    NeedsSnapshots = true,
                    RunsOnce = true,
                },
            ])
        {
            Finish = subject => subject.Spoil(),
        },
        new Stage(Scattered, [new SnapshotWorkload()]) { Finish = subject => subject.Spoil() },
    ];

    private static FioWorkload Fio(string id, string pattern) => new(id, (file, sizeBytes) => Random(file, sizeBytes, pattern));

    private static FioWorkload Sequential(string id, string pattern) => new(id, (file, sizeBytes) => Large(file, sizeBytes, pattern));

    private static FioWorkload Synced(string id, int writers) => new(
        id, (file, sizeBytes) => Random(file, sizeBytes, "randwrite") with { Depth = 1, Jobs = writers, Fsync = true });

    private static FioJob Random(string file, long sizeBytes, string pattern) => new() { File = file, SizeBytes = sizeBytes, Pattern = pattern };

    private static FioJob Large(string file, long sizeBytes, string pattern) =>
        new() { File = file, SizeBytes = sizeBytes, Pattern = pattern, BlockBytes = Mebibyte, Depth = 8 };

    private static void Nothing(Subject subject, SuiteContext context)
    {
    }

    private static void Empty(Subject subject, SuiteContext context) => subject.Renew(context.Options.SizeBytes);

    private static void Full(Subject subject, SuiteContext context) => subject.Fill(context.Options.SizeBytes);

    private static void Frozen(Subject subject, SuiteContext context)
    {
        if (subject.Snapshots is { } snapshots)
        {
            subject.Fill(context.Options.SizeBytes);
            snapshots.Create(DeleteWorkload.SnapshotName);
        }
    }

    /// <summary>Every second chunk or so is met, by single blocks in random order: the worst that extents know.</summary>
    private static void Scattered(Subject subject, SuiteContext context)
    {
        if (subject.Snapshots is not null)
        {
            long sizeBytes = context.Options.SizeBytes;
            subject.Renew(sizeBytes);
            (Random(subject.File, sizeBytes, "randwrite") with { RuntimeSeconds = context.Options.RuntimeSeconds * 2 }).Run(context.Cancel);
        }
    }
}
