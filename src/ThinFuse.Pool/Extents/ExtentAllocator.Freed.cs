using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Extents;

/// <summary>The part that knows which free extents the host still holds space for.</summary>
internal sealed partial class ExtentAllocator
{
    private bool _remembersFreed;
    private long _punchedCount;

    /// <summary>Free extents that are out of reach for the moment, because their space is being given back to the host.</summary>
    public long PunchedCount => Volatile.Read(ref _punchedCount);

    /// <summary>Whether extents that become free are remembered.</summary>
    public bool RemembersFreed => Volatile.Read(ref _remembersFreed);

    /// <summary>Remembers those that become free, and those that are unless it is <paramref name="onlyFromNow"/>; or forgets them.</summary>
    public void RememberFreed(bool remember, bool onlyFromNow = false)
    {
        lock (_lock)
        {
            _remembersFreed = remember;
            foreach (ExtentMap map in _maps)
            {
                map.RememberFreed(remember, onlyFromNow);
            }
        }
    }

    /// <summary>
    /// Takes neighbours that became free, at most so many and never more than half of what is free, so that writes go on; false when none is
    /// left. <see cref="GiveBackFreed"/> follows.
    /// </summary>
    public bool TryTakeFreed(long maxCount, out long first, out long count)
    {
        (first, count) = (-1, 0);
        lock (_lock)
        {
            maxCount = Math.Min(maxCount, _freeCount / 2);
            for (int node = 0; node < _maps.Count && count == 0 && maxCount > 0; node++)
            {
                (long slot, count) = _maps[node].TakeFreed(maxCount);
                first = ExtentAddress.Make(node, slot);
            }

            _punchedCount += count;
            Changed(-count);
        }

        return count != 0;
    }

    /// <summary>Makes free again what <see cref="TryTakeFreed"/> took; it is remembered no more.</summary>
    public void GiveBackFreed(long first, long count)
    {
        lock (_lock)
        {
            ExtentMap map = _maps[ExtentAddress.NodeOf(first)];
            for (long slot = ExtentAddress.SlotOf(first), end = slot + count; slot < end; slot++)
            {
                map.Free(slot, isFreed: false);
            }

            if (map.IsSuspended)
            {
                _outOfReachCount += count;
            }
            else
            {
                Changed(count);
            }

            _punchedCount -= count;
        }
    }
}
