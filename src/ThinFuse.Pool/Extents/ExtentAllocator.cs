using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Extents;

/// <summary>
/// The one place that knows which extents are free. An extent is free, or taken; a taken one is owned by a layer, held by a write under way,
/// or freed and waiting until it may be used again. Thread-safe.
/// </summary>
internal sealed partial class ExtentAllocator(ReclaimEpoch epoch)
{
    private readonly Lock _lock = new();
    private readonly List<ExtentMap> _maps = [];
    private readonly Queue<FreedExtent> _waiting = new();
    private long _cursor;
    private long _totalCount;
    private long _freeCount;
    private long _alarmCount = -1;

    /// <summary>While false, nothing is allocated: metadata must never be what runs out first.</summary>
    public Func<bool> MetadataHasRoom { get; set; } = static () => true;

    /// <summary>Called when an extent waits for a commit to become free; any lock may be held, so it only notes it.</summary>
    public Action CommitWanted { get; set; } = static () => { };

    /// <summary>Called when the alarm goes off; locks may be held, so it only notes it.</summary>
    public Action AlarmRaised { get; set; } = static () => { };

    public long TotalCount => Volatile.Read(ref _totalCount);

    public long FreeCount => Volatile.Read(ref _freeCount);

    /// <summary>Freed extents that wait for a commit or for operations to end.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>All three counts at one moment; what is out of reach while it is given back to the host is free.</summary>
    public (long Total, long Free, int Waiting) Counts
    {
        get
        {
            lock (_lock)
            {
                return (_totalCount, _freeCount + _punchedCount, _waiting.Count);
            }
        }
    }

    public void AddNode(long slotCount)
    {
        lock (_lock)
        {
            ExtentMap map = new(slotCount);
            map.RememberFreed(_remembersFreed, onlyFromNow: true);
            _maps.Add(map);
            _totalCount += slotCount;
            _freeCount += slotCount;
        }
    }

    public void GrowNode(int node, long slotCount)
    {
        lock (_lock)
        {
            long added = slotCount - _maps[node].SlotCount;
            _maps[node].Grow(slotCount);
            _totalCount += added;
            _freeCount += added;
        }
    }

    public long AllocatedCount(int node)
    {
        lock (_lock)
        {
            return _maps[node].SlotCount - _maps[node].FreeCount;
        }
    }

    /// <summary>
    /// Takes the extents of a group of exceptions, at recovery; returns how many. One that does not exist, or is taken and so owned twice, is
    /// <paramref name="conflicting"/>, else -1.
    /// </summary>
    public int TryTake(ReadOnlySpan<ChunkException> exceptions, out long conflicting)
    {
        int taken = 0;
        conflicting = -1;
        lock (_lock)
        {
            foreach (ref readonly ChunkException exception in exceptions)
            {
                if (!exception.HasExtent)
                {
                    continue;
                }

                if (!TryTakePreferred(exception.Extent))
                {
                    conflicting = exception.Extent;
                    break;
                }

                taken++;
            }

            _freeCount -= taken;
        }

        return taken;
    }

    /// <summary>For each node a bit for each slot, set when a layer owns it: neither held by a write, one of <paramref name="held"/>, nor waiting to be free.</summary>
    public IReadOnlyList<ulong[]> CopyOwned(IEnumerable<long> held)
    {
        lock (_lock)
        {
            ulong[][] owned = [.. _maps.Select(map => map.Copy())];
            foreach (long extent in held.Concat(_waiting.Select(freed => freed.Extent)))
            {
                long slot = ExtentAddress.SlotOf(extent);
                owned[ExtentAddress.NodeOf(extent)][slot >> 6] &= ~(1UL << (int)(slot & 63));
            }

            return owned;
        }
    }

    /// <summary>Replaces what is taken, at recovery, by what <see cref="CopyOwned"/> told.</summary>
    public void Restore(IReadOnlyList<ulong[]> owned)
    {
        lock (_lock)
        {
            for (int node = 0; node < _maps.Count; node++)
            {
                _maps[node].Restore(owned[node]);
            }

            _freeCount = _maps.Sum(map => map.FreeCount);
        }
    }

    /// <summary>
    /// A free extent, or -1. <paramref name="preferred"/> is taken when it is free, so that a stream stays contiguous;
    /// otherwise a stream starts where a run is free.
    /// </summary>
    public long Allocate(long preferred)
    {
        lock (_lock)
        {
            if (_freeCount == 0 || !MetadataHasRoom())
            {
                return -1;
            }

            long extent = preferred >= 0 && TryTakePreferred(preferred) ? preferred : FindAndTake();
            _freeCount--;
            RaiseAlarm();
            return extent;
        }
    }

    /// <summary>Has the alarm go off once when so few extents are free, which may be now; -1 for never.</summary>
    public void SetAlarm(long freeCount)
    {
        lock (_lock)
        {
            _alarmCount = freeCount;
            RaiseAlarm();
        }
    }

    /// <summary>Gives back an extent that no record ever named and no operation reads.</summary>
    public void FreeUnused(long extent)
    {
        lock (_lock)
        {
            Free(extent);
        }
    }

    /// <summary>Gives back an extent whose last record was removed by the journal record <paramref name="sequence"/>.</summary>
    public void FreeAfterCommit(long extent, long sequence)
    {
        lock (_lock)
        {
            _waiting.Enqueue(new FreedExtent(extent, sequence, epoch.Current));
        }

        CommitWanted();
    }

    /// <summary>Makes extents free whose freeing is durable and whose readers have ended; returns how many.</summary>
    public int Release(long durableSequence)
    {
        long reached = epoch.TryAdvance();
        int released = 0;
        lock (_lock)
        {
            while (_waiting.TryPeek(out FreedExtent freed) && freed.Sequence <= durableSequence && freed.Epoch + 2 <= reached)
            {
                Free(freed.Extent);
                _waiting.Dequeue();
                released++;
            }
        }

        return released;
    }

    public bool IsTaken(long extent)
    {
        lock (_lock)
        {
            int node = ExtentAddress.NodeOf(extent);
            return node < _maps.Count && ExtentAddress.SlotOf(extent) < _maps[node].SlotCount
                && _maps[node].IsTaken(ExtentAddress.SlotOf(extent));
        }
    }

    private void RaiseAlarm()
    {
        if (_freeCount <= _alarmCount)
        {
            _alarmCount = -1;
            AlarmRaised();
        }
    }

    private bool TryTakePreferred(long extent) =>
        ExtentAddress.NodeOf(extent) < _maps.Count && _maps[ExtentAddress.NodeOf(extent)].TryTake(ExtentAddress.SlotOf(extent));

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

    private void Free(long extent)
    {
        _maps[ExtentAddress.NodeOf(extent)].Free(ExtentAddress.SlotOf(extent));
        _freeCount++;
    }
}
