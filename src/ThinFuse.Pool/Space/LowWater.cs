namespace ThinFuse.Pool.Space;

/// <summary>
/// Tells once when free space falls to the pool's mark, and again only after it has risen clearly above. The allocator compares with one number; everything
/// else happens here, outside its lock. Thread-safe.
/// </summary>
/// <param name="core">The pool.</param>
internal sealed class LowWater(PoolCore core)
{
    /// <summary>Free space that hovers at the mark is told of once: it must rise above by this part of it.</summary>
    private const int SlackDivisor = 16;

    private readonly Lock _lock = new();
    private bool _isLow;
    private int _wasReached;

    /// <summary>Extents that may be free when the mark counts as reached; -1 when there is no mark.</summary>
    public long MarkCount
    {
        get
        {
            SpaceAmount mark = core.Metadata.Settings.Mark;
            long totalBytes = core.Extents.TotalCount << core.Geometry.ChunkShift;
            return mark.IsOff ? -1 : core.Geometry.ChunksFor(Math.Min(totalBytes, mark.InBytes(totalBytes)));
        }
    }

    /// <summary>Free space has fallen to the mark. Only notes it, for locks may be held.</summary>
    public void NoteReached()
    {
        Volatile.Write(ref _wasReached, 1);
        core.CheckpointWanted();
    }

    /// <summary>Looks at free space, tells what there is to tell, and sets the alarm anew. Does no I/O.</summary>
    public void Check()
    {
        long markCount = MarkCount;
        long freeCount = core.UsableCount;
        bool isNews;
        lock (_lock)
        {
            bool isReached = (Interlocked.Exchange(ref _wasReached, 0) != 0 || freeCount <= markCount) && markCount >= 0;

            // What nobody hears is told at the next look.
            isNews = isReached && !_isLow && core.Health.IsHeard;
            _isLow = (_isLow || isNews) && freeCount <= markCount + Math.Max(1, markCount / SlackDivisor);
            core.Extents.SetAlarm(_isLow || freeCount <= markCount ? -1 : markCount + core.Host.MissingCount);
        }

        if (isNews)
        {
            long totalBytes = core.Extents.TotalCount << core.Geometry.ChunkShift;
            long freeBytes = freeCount << core.Geometry.ChunkShift;
            core.Health.Raise(PoolEvent.Now(PoolEventKinds.LowWater, $"{freeBytes} of {totalBytes} bytes are free; grow the pool, discard, or delete something") with
            {
                TotalBytes = totalBytes,
                FreeBytes = freeBytes,
            });
        }
    }
}
