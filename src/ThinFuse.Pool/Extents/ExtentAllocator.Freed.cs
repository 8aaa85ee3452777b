namespace ThinFuse.Pool.Extents;

/// <summary>The part that knows which free extents the host still holds space for.</summary>
internal sealed partial class ExtentAllocator
{
    /// <summary>Free extents that are out of reach for the moment, because their space is being given back to the host.</summary>
    public long PunchedCount => _balance.PunchedCount;

    /// <summary>Whether extents that become free are remembered.</summary>
    public bool RemembersFreed => _maps.RemembersFreed;

    /// <summary>Remembers those that become free, and those that are unless it is <paramref name="onlyFromNow"/>; or forgets them.</summary>
    public void RememberFreed(bool remember, bool onlyFromNow = false)
    {
        lock (_lock)
        {
            _maps.RememberFreed(remember, onlyFromNow);
        }
    }

    /// <summary>
    /// Takes neighbours that became free, at most so many and never more than half of what is free, so that writes go on; false when none is
    /// left. <see cref="GiveBackFreed"/> follows.
    /// </summary>
    public bool TryTakeFreed(long maxCount, out long first, out long count)
    {
        lock (_lock)
        {
            (first, count) = _maps.TakeFreed(Math.Min(maxCount, _balance.FreeCount / 2));
            _balance.BeginPunch(count);
        }

        return count != 0;
    }

    /// <summary>Makes free again what <see cref="TryTakeFreed"/> took; it is remembered no more.</summary>
    public void GiveBackFreed(long first, long count)
    {
        lock (_lock)
        {
            long backCount = 0;
            for (long extent = first; extent < first + count; extent++)
            {
                backCount += _maps.Free(extent, isFreed: false) ? 1 : 0;
            }

            _outOfReachCount += count - backCount;
            _balance.EndPunch(count, backCount);
        }
    }
}
