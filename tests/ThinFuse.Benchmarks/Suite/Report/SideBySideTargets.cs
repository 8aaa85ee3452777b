using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Targets beside the raw file, the bare transport and others, on one transport.</summary>
internal static class SideBySideTargets
{
    private static readonly string[] RandomWork = ["randread-4k", "overwrite-4k"];

    /// <summary>Those that it is measured against.</summary>
    public static IEnumerable<TargetOutcome?> Judge(Results results, string transport)
    {
        string self = $"thinfuse-{transport}";
        string bare = $"bare-{transport}";
        double? Rate(string workload, string subject) => results.Median(workload, "rate", subject);

        TargetOutcome? Against(string workload, string other, double wanted) => TargetOutcome.AtLeast(
            $"{self} {workload} to {other}", wanted, Rate(workload, self) / Rate(workload, other));
        TargetOutcome? Absolute(string workload, string metric, double wanted, string unit) => TargetOutcome.AtMost(
            $"{self} {workload}: {metric}", wanted, results.Median(workload, metric, self), unit);

        foreach (string work in RandomWork)
        {
            yield return Against(work, bare, 0.9);
            yield return Absolute(work, "cpu", transport == Transports.Uring ? 8 : 25, " us/op");
            yield return TargetOutcome.AtMost(
                $"{self} {work}: p99.9 to {bare}", 2, results.Median(work, "p99.9", self) / results.Median(work, "p99.9", bare), "");
        }

        yield return Against("randread-4k", "qcow2-fuse", 1.25);
        yield return Against("overwrite-4k", "qcow2-fuse", 1.5);
        yield return Against("loop-randread-4k", "qcow2-fuse", 1.3);
        yield return Against("loop-overwrite-4k", "qcow2-fuse", 1.3);
        yield return Against("seqread-1m", "raw", 0.95);
        yield return Against("seqwrite-1m", "raw", 0.95);
        foreach (TargetOutcome? outcome in JudgeFirstTouches(results, self).Concat(JudgeFirstTouches(results, self + ThinFuseSubject.WrittenSuffix)))
        {
            yield return outcome;
        }

        yield return Absolute("snapshot-create", "p99", 5, " ms");
        yield return Absolute("snapshot-create", "writer stall", 10, " ms");
        yield return Absolute("delete-snapshot", "space back", 2000, " ms");
        yield return Against("fsync-overwrite-1", "raw", 0.9);
        yield return Against("fsync-first-write-1", "raw", 0.9);
        yield return TargetOutcome.AtLeast(
            $"{self} fsync-overwrite of 16 writers to its own of 1", 4, Rate("fsync-overwrite-16", self) / Rate("fsync-overwrite-1", self));
        yield return TargetOutcome.AtLeast(
            $"{self} fsync-overwrite of 16 writers on a file each to its own of 1", 4, Rate("fsync-overwrite-16-files", self) / Rate("fsync-overwrite-1", self));
    }

    /// <summary>Writes to what was not written since it was made, or since a snapshot.</summary>
    private static IEnumerable<TargetOutcome?> JudgeFirstTouches(Results results, string self)
    {
        double? Rate(string workload, string subject) => results.Median(workload, "rate", subject);
        TargetOutcome? Own(string workload) => TargetOutcome.AtLeast(
            $"{self} {workload} to its overwrite-4k", 0.8, Rate(workload, self) / Rate("overwrite-4k", self));
        TargetOutcome? AfterSnapshot(string other, double wanted) => TargetOutcome.AtLeast(
            $"{self} after-snapshot-4k to {other}", wanted, Rate("after-snapshot-4k", self) / Rate("after-snapshot-4k", other));

        yield return Own("first-write-4k");
        yield return Own("first-write-4k-per-chunk");
        yield return Own("after-snapshot-4k");
        yield return AfterSnapshot("xfs", 3);
        yield return AfterSnapshot("btrfs", 2);
        yield return AfterSnapshot("qcow2-fuse", 10);
        yield return AfterSnapshot("qcow2-nbdfuse", 10);
        yield return AfterSnapshot("qcow2-overlays", 4);
    }
}
