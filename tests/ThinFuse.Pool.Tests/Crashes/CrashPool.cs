using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>A kind of pools whose parts are as small as they go: a few steps fill pages, segments and the pool, and an opening costs little.</summary>
internal sealed class CrashPool
{
    internal const int ChunkBytes = 16 << 10;

    private static readonly ExceptionTableOptions Table = new()
    {
        MemoryBytes = 32 << 10,
        IndexBytes = 4096,
        SegmentBytes = 16 << 10,
        PageBytes = 4096,
    };

    private static readonly PoolOpenOptions OnFaster = new()
    {
        Table = Table,
        ResolvedMapBytes = 16 << 10,
        JournalSegmentBytes = 8 << 10,
        BackgroundReclaim = false,
        CommitIntervalMs = 0,
        ReclaimThreads = 1,
    };

    private static readonly PoolOpenOptions OnPlainTable = OnFaster with { RecoversTable = PlainTable.Recover };

    private readonly SimulatedDisk _empty;

    /// <param name="extents">Size, in extents.</param>
    /// <param name="isOnFaster">Whether the exception table is the real one; otherwise a <see cref="PlainTable"/>.</param>
    internal CrashPool(int extents, bool isOnFaster)
    {
        IsOnFaster = isOnFaster;
        SimulatedDisk disk = new() { DirectAlignmentBytes = Geometry.SectorBytes };
        ThinPool.Create(disk, new PoolCreateOptions { SizeBytes = (long)extents * ChunkBytes, ChunkSizeBytes = ChunkBytes, Table = Table });
        if (!isOnFaster)
        {
            PlainTable.Install(disk);
        }

        ThinPool.Open(disk, Options).Dispose();
        _empty = disk.AfterKill(disk.IoCount);
    }

    internal bool IsOnFaster { get; }

    internal PoolOpenOptions Options => IsOnFaster ? OnFaster : OnPlainTable;

    /// <summary>Opens a pool to be written to: one that needs a check gets it first, and must be sound.</summary>
    internal ThinPool Open(SimulatedDisk disk)
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

    /// <summary>The disk of an empty pool that was open once. Not thread-safe.</summary>
    internal SimulatedDisk NewDisk() => _empty.AfterKill(_empty.IoCount);
}
