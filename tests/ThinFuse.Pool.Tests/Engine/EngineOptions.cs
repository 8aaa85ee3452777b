using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Options that make the engine small and deterministic: no background threads, little memory.</summary>
internal static class EngineOptions
{
    internal static PoolOpenOptions Quiet { get; } = new()
    {
        TableMemoryBytes = 2 << 20,
        JournalSegmentBytes = 256 << 10,
        BackgroundReclaim = false,
        CommitIntervalMs = 0,
        ReclaimThreads = 1,
    };

    /// <summary>The same for pools whose table is a <see cref="PlainTable"/>: opening one costs a fraction.</summary>
    internal static PoolOpenOptions QuietOnPlainTable { get; } = Quiet with { RecoversTable = PlainTable.Recover };

    /// <summary>As <see cref="Quiet"/>, with all that works in the background.</summary>
    internal static PoolOpenOptions Busy { get; } = Quiet with { BackgroundReclaim = true, CommitIntervalMs = 2, ReclaimThreads = 2 };

    internal static PoolCreateOptions Pool(long sizeBytes, int chunkSizeBytes) =>
        new() { SizeBytes = sizeBytes, ChunkSizeBytes = chunkSizeBytes };
}
