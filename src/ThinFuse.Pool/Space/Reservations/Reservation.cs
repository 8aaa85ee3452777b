namespace ThinFuse.Pool.Space.Reservations;

/// <summary>
/// What the pool keeps ready for one volume now. <see cref="Promised"/> changes with the volume's gate closed and all pending shards locked; the counts are
/// the allocator's, under its lock.
/// </summary>
/// <remarks>
/// <see cref="NeededCount"/> is always the promised chunks less those that the head layer owns an extent of, less those for which a write under way
/// has drawn one. It is derived when the pool is opened, and never recorded.
/// </remarks>
internal sealed class Reservation
{
    private ChunkRanges _promised = ChunkRanges.Empty;
    private long _neededCount;
    private long _emergencyCount;
    private int _drawnUntold;

    /// <summary>Chunks whose next write is promised.</summary>
    public ChunkRanges Promised
    {
        get => Volatile.Read(ref _promised);
        set => Volatile.Write(ref _promised, value);
    }

    /// <summary>Whether growing the volume grows the promise. Changes with <see cref="Promised"/>.</summary>
    public bool GrowsWithSize { get; set; }

    /// <summary>Extents that promised chunks still need.</summary>
    public long NeededCount
    {
        get => Volatile.Read(ref _neededCount);
        set => Volatile.Write(ref _neededCount, value);
    }

    /// <summary>Extents of the emergency amount that are kept now.</summary>
    public long EmergencyCount
    {
        get => Volatile.Read(ref _emergencyCount);
        set => Volatile.Write(ref _emergencyCount, value);
    }

    /// <summary>Extents of the emergency amount when all is well.</summary>
    public long EmergencyWantedCount { get; set; }

    /// <summary>Whether a draw on the full amount has happened since it was last full.</summary>
    public bool IsDrawnOn { get; set; }

    public bool Promises(long chunk) => Promised.Contains(chunk);

    /// <summary>Remembers that somebody must be told of the first draw.</summary>
    public void NoteFirstDraw() => Volatile.Write(ref _drawnUntold, 1);

    /// <summary>Whether the first draw is still to be told; true once.</summary>
    public bool TakeFirstDraw() => Volatile.Read(ref _drawnUntold) != 0 && Interlocked.Exchange(ref _drawnUntold, 0) != 0;
}
