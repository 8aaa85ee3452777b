using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Pools whose parts are as small as they go: a few steps fill pages, segments and the pool, and an opening costs little.</summary>
internal static class CrashPool
{
    internal const int ChunkBytes = 16 << 10;

    private static readonly ExceptionTableOptions Table = new()
    {
        MemoryBytes = 32 << 10,
        IndexBytes = 4096,
        SegmentBytes = 16 << 10,
        PageBytes = 4096,
    };

    internal static PoolOpenOptions Options { get; } = new()
    {
        Table = Table,
        ResolvedMapBytes = 16 << 10,
        JournalSegmentBytes = 8 << 10,
        BackgroundReclaim = false,
        CommitIntervalMs = 0,
        ReclaimThreads = 1,
    };

    /// <summary>Opens a pool to be written to: one that needs a check gets it first, and must be sound.</summary>
    internal static ThinPool Open(SimulatedDisk disk)
    {
        if (NeedsCheck.Find(disk) is { } reason)
        {
            CheckReport report = OfflineCheck.Run(disk, SimulatedDisk.PoolDirectory, null, Options);
            if (report.Problems is { Count: > 0 } problems)
            {
                throw new InvalidOperationException($"{problems[0].Message}, in a pool that needs a check: {reason}");
            }

            NeedsCheck.Clear(disk);
        }

        return ThinPool.Open(disk, Options);
    }

    /// <summary>The disk of an empty pool that was open once.</summary>
    internal static SimulatedDisk Make(int extents)
    {
        SimulatedDisk disk = new() { DirectAlignmentBytes = Geometry.SectorBytes };
        ThinPool.Create(disk, new PoolCreateOptions { SizeBytes = (long)extents * ChunkBytes, ChunkSizeBytes = ChunkBytes, Table = Table });
        ThinPool.Open(disk, Options).Dispose();
        return disk.AfterKill(disk.IoCount);
    }
}
