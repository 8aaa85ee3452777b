namespace ThinFuse.Pool.Extents;

/// <summary>How many extents are what, at one moment.</summary>
/// <param name="Total">All there are.</param>
/// <param name="Unallocated">Those that nobody owns or holds.</param>
/// <param name="Promised">How many of them writes were promised; more than there are while some of those still wait to be free.</param>
/// <param name="Waiting">Freed, and waiting for a commit or for operations to end.</param>
/// <param name="Retired">Out of use for good.</param>
/// <param name="OutOfReach">Free, on nodes that have failed.</param>
internal readonly record struct ExtentCounts(long Total, long Unallocated, long Promised, int Waiting, int Retired, long OutOfReach)
{
    /// <summary>Unallocated, and kept for promises.</summary>
    public long Reserved => Math.Min(Promised, Unallocated);

    /// <summary>What a write without a promise can get.</summary>
    public long Free => Unallocated - Reserved;

    /// <summary>Owned, held, waiting and retired.</summary>
    public long Allocated => Total - Unallocated - OutOfReach;
}
