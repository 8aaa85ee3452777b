namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Targets that ThinFuse meets or misses without anything beside it.</summary>
internal static class AloneTargets
{
    private static readonly string[] RandomWork = ["randread-4k", "overwrite-4k", "first-write-4k", "after-snapshot-4k"];
    private static readonly string[] SequentialWork = ["seqread-1m", "seqwrite-1m"];
    private static readonly int[] Depths = [10, 100, 1000];

    /// <summary>Those of one transport.</summary>
    public static IEnumerable<TargetOutcome?> Judge(Results results, string self) =>
        OfChunkSizes(results, self).Concat(OfDepth(results, self)).Concat(OfTimes(results, self)).Concat(OfTables(results, self));

    private static IEnumerable<TargetOutcome?> OfChunkSizes(Results results, string self)
    {
        TargetOutcome? Against64k(string chunkSize, string work, double wanted) => TargetOutcome.AtLeast(
            $"{self} chunks of {chunkSize}, {work} to 64k",
            wanted,
            results.Median($"chunk-{chunkSize}-{work}", "rate", self) / results.Median($"chunk-64k-{work}", "rate", self));

        return RandomWork.SelectMany(work => new[] { Against64k("4k", work, 0.7), Against64k("16k", work, 0.7) })
            .Concat(SequentialWork.Select(work => Against64k("1m", work, 0.9)));
    }

    private static IEnumerable<TargetOutcome?> OfDepth(Results results, string self)
    {
        TargetOutcome? AgainstOne(int depth, string work, double wanted) => TargetOutcome.AtLeast(
            $"{self} {work} at depth {depth} to depth 1",
            wanted,
            results.Median($"depth-{depth}-{work}", "rate", self) / results.Median($"depth-1-{work}", "rate", self));

        return Depths.SelectMany(depth => new[]
        {
            AgainstOne(depth, "head-randread-4k", 0.95),
            AgainstOne(depth, "oldest-randread-4k", 0.95),
            AgainstOne(depth, "head-cold-read-4k", 0.5),
            AgainstOne(depth, "head-cold-write-4k", 0.5),
        });
    }

    private static IEnumerable<TargetOutcome?> OfTimes(Results results, string self)
    {
        TargetOutcome? AtMostMs(string workload, string metric, double wantedMs) =>
            TargetOutcome.AtMost($"{self} {workload}: {metric}", wantedMs, results.Median(workload, metric, self), " ms");

        yield return AtMostMs("command-start", "--help", 150);
        yield return AtMostMs("many-1000-clones", "command", 2000);
        yield return AtMostMs("many-10000-snapshots", "list, command", 200);
        yield return AtMostMs("table-1m", "open after close", 100);
        yield return AtMostMs("table-1m", "open after kill -9", 100);
        yield return AtMostMs("table-16m", "open after close", 500);
        yield return AtMostMs("table-16m", "open after kill -9", 2000);
    }

    private static IEnumerable<TargetOutcome?> OfTables(Results results, string self)
    {
        yield return TargetOutcome.AtMost(
            $"{self} memory of a chunk, of a million", 12, results.Median("table-1m", "memory a chunk", self), " bytes");
        yield return TargetOutcome.AtMost(
            $"{self} RSS with 16 million chunks", 256, results.Median("table-16m", "RSS after reads", self), " MiB");
        yield return TargetOutcome.AtLeast(
            $"{self} randread-4k of 16 million chunks to a small volume", 0.7,
            results.Median("table-16m", "randread-4k", self) / results.Median("table-16m", "randread-4k, small", self));
    }
}
