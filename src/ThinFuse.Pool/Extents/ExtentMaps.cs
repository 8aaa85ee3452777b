using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Extents;

/// <summary>Which extents of all nodes are taken, and which is taken next. Not thread-safe: <see cref="ExtentAllocator"/> holds the lock.</summary>
internal sealed class ExtentMaps
{
    private readonly List<ExtentMap> _maps = [];
    private long _cursor;
    private bool _remembersFreed;

    /// <summary>Whether extents that become free are remembered; read at any time.</summary>
    public bool RemembersFreed => Volatile.Read(ref _remembersFreed);

    /// <summary>Extents that are not taken, those of failed nodes included.</summary>
    public long FreeCount => _maps.Sum(map => map.FreeCount);

    public void AddNode(long slotCount)
    {
        ExtentMap map = new(slotCount);
        map.RememberFreed(_remembersFreed, onlyFromNow: true);
        _maps.Add(map);
    }

    /// <summary>Gives a node more slots; returns how many more.</summary>
    public long GrowNode(int node, long slotCount)
    {
        long added = slotCount - _maps[node].SlotCount;
        _maps[node].Grow(slotCount);
        return added;
    }

    /// <summary>Has nothing taken of a node any more; returns how many were free, 0 when it was so already.</summary>
    public long Suspend(int node)
    {
        ExtentMap map = _maps[node];
        long count = map.IsSuspended ? 0 : map.FreeCount;
        map.IsSuspended = true;
        return count;
    }

    public long TakenCount(int node) => _maps[node].SlotCount - _maps[node].FreeCount;

    /// <summary>Whether an extent exists and is taken.</summary>
    public bool IsTaken(long extent)
    {
        int node = ExtentAddress.NodeOf(extent);
        long slot = ExtentAddress.SlotOf(extent);
        return node < _maps.Count && slot < _maps[node].SlotCount && _maps[node].IsTaken(slot);
    }

    /// <summary>Takes an extent; false when it does not exist, is taken, or is of a failed node.</summary>
    public bool TryTake(long extent)
    {
        int node = ExtentAddress.NodeOf(extent);
        return node < _maps.Count && !_maps[node].IsSuspended && _maps[node].TryTake(ExtentAddress.SlotOf(extent));
    }

    /// <summary>Takes extents that follow each other, up to the first that <see cref="TryTake"/> would not; returns how many.</summary>
    public long TakeRun(long first, long count)
    {
        int node = ExtentAddress.NodeOf(first);
        return node < _maps.Count && !_maps[node].IsSuspended ? _maps[node].TakeRun(ExtentAddress.SlotOf(first), count) : 0;
    }

    /// <summary>
    /// Takes an extent, of which there must be one: the preferred, when it is not negative and free, so that a stream stays contiguous; otherwise a stream
    /// starts where a run is free.
    /// </summary>
    public long Take(long preferred) => preferred >= 0 && TryTake(preferred) ? preferred : FindAndTake();

    /// <summary>Makes an extent free; false when nobody can take it, because its node has failed.</summary>
    public bool Free(long extent, bool isFreed = true)
    {
        ExtentMap map = _maps[ExtentAddress.NodeOf(extent)];
        map.Free(ExtentAddress.SlotOf(extent), isFreed);
        return !map.IsSuspended;
    }

    /// <summary>Remembers those that become free, and those that are unless it is <paramref name="onlyFromNow"/>; or forgets them.</summary>
    public void RememberFreed(bool remember, bool onlyFromNow)
    {
        Volatile.Write(ref _remembersFreed, remember);
        foreach (ExtentMap map in _maps)
        {
            map.RememberFreed(remember, onlyFromNow);
        }
    }

    /// <summary>Takes neighbours that became free, at most so many; a count of 0 when there are none.</summary>
    public (long First, long Count) TakeFreed(long maxCount)
    {
        for (int node = 0; node < _maps.Count && maxCount > 0; node++)
        {
            (long slot, long count) = _maps[node].TakeFreed(maxCount);
            if (count != 0)
            {
                return (ExtentAddress.Make(node, slot), count);
            }
        }

        return (-1, 0);
    }

    /// <summary>For each node a bit for each slot, set when it is taken and not one of the exceptions.</summary>
    public ulong[][] CopyTaken(IEnumerable<long> exceptions)
    {
        ulong[][] taken = [.. _maps.Select(map => map.Copy())];
        foreach (long extent in exceptions)
        {
            long slot = ExtentAddress.SlotOf(extent);
            taken[ExtentAddress.NodeOf(extent)][slot >> 6] &= ~(1UL << (int)(slot & 63));
        }

        return taken;
    }

    /// <summary>Replaces what is taken, at recovery.</summary>
    public void Restore(IReadOnlyList<ulong[]> taken)
    {
        for (int node = 0; node < _maps.Count; node++)
        {
            _maps[node].Restore(taken[node]);
        }
    }

    private long FindAndTake()
    {
        foreach (bool wantRun in (ReadOnlySpan<bool>)[true, false])
        {
            int start = ExtentAddress.NodeOf(_cursor);
            for (int i = 0; i < _maps.Count; i++)
            {
                int node = (start + i) % _maps.Count;
                long slot = _maps[node].Find(i == 0 ? ExtentAddress.SlotOf(_cursor) : 0, wantRun);
                if (slot >= 0)
                {
                    _maps[node].TryTake(slot);
                    _cursor = ExtentAddress.Make(node, wantRun ? slot + 16 : slot + 1);
                    return ExtentAddress.Make(node, slot);
                }
            }
        }

        throw new InvalidOperationException("the count of free extents does not match the maps");
    }
}
