namespace ThinFuse.Pool;

/// <summary>
/// The pool at one moment; bytes throughout. freeBytes = totalBytes - allocatedBytes - reservedBytes - hostMissingBytes, always.
/// </summary>
/// <param name="Id">The pool's UUID.</param>
/// <param name="Mode">What it can do.</param>
/// <param name="ChunkSizeBytes">Unit of mapping.</param>
/// <param name="TotalBytes">All extents.</param>
/// <param name="AllocatedBytes">Owned extents, extents of writes under way, freed ones that wait for the commit that lets them be used again, and retired ones.</param>
/// <param name="ReservedBytes">Promised and not yet used.</param>
/// <param name="FreeBytes">What a write can still get.</param>
/// <param name="ReclaimingBytes">Allocated bytes of deleted layers that the background is about to give back or merge (an upper bound).</param>
/// <param name="VolumeCount">Volumes.</param>
/// <param name="SnapshotCount">Snapshots.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Settings">How it behaves.</param>
public sealed record PoolStatus(
    Guid Id, PoolMode Mode, int ChunkSizeBytes, long TotalBytes, long AllocatedBytes, long ReservedBytes, long FreeBytes,
    long ReclaimingBytes, int VolumeCount, int SnapshotCount, IReadOnlyList<NodeStatus> Nodes, PoolSettings Settings)
{
    /// <summary>Free extents that cannot be used now: the host has no room for them, which only sparse nodes need, or their node has failed.</summary>
    public long HostMissingBytes { get; init; }

    /// <summary>
    /// Sum of the sizes of all volumes that can be written, each rounded up to chunks: what they could come to need. A snapshot promises nothing, for it
    /// never needs more than it has.
    /// </summary>
    public long PromisedBytes { get; init; }

    /// <summary>Allocated bytes that a single volume or snapshot reads.</summary>
    public long ExclusiveBytes { get; init; }

    /// <summary>Allocated bytes that several volumes and snapshots read, counted once.</summary>
    public long SharedBytes { get; init; }

    /// <summary>Whether it failed, now or in an earlier use, and can only be read until a check has found it sound.</summary>
    public bool NeedsCheck { get; init; }

    /// <summary>Extents that are out of use for good, because the disk below them is bad; they count as allocated.</summary>
    public long RetiredExtents { get; init; }

    /// <summary>The same in bytes.</summary>
    public long RetiredBytes => RetiredExtents * ChunkSizeBytes;

    /// <summary>Promised by total: above 1, not everybody can write everything.</summary>
    public double OvercommitRatio => TotalBytes == 0 ? 0 : (double)PromisedBytes / TotalBytes;
}
