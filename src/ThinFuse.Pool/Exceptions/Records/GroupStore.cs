using System.Numerics;
using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>Builds the FASTER store of records: every size explicit, nothing that would write files behind the table's back.</summary>
internal static class GroupStore
{
    private const int CacheLineBytes = 64;

    public static FasterKV<GroupKey, GroupRecord> Create(ExceptionTableOptions options, long indexBytes, IDevice log, ICheckpointManager checkpoints) => new(
        indexBytes / CacheLineBytes,
        new LogSettings
        {
            LogDevice = log,
            MemorySizeBits = BitOperations.Log2((ulong)options.MemoryBytes),
            PageSizeBits = BitOperations.Log2((ulong)options.PageBytes),
            SegmentSizeBits = BitOperations.Log2((ulong)options.SegmentBytes),
        },
        new CheckpointSettings { CheckpointManager = checkpoints, RemoveOutdated = false },
        comparer: new GroupKeyComparer(),
        concurrencyControlMode: ConcurrencyControlMode.LockTable);
}
