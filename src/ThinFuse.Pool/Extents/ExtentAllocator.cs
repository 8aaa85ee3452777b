using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Space.Reservations;

namespace ThinFuse.Pool.Extents;

/// <summary>
/// The one place that knows which extents are free. An extent is allocated or not; an allocated one is owned by a layer, held by a write under way,
/// freed and waiting until it may be used again, or retired. Of those that are not, as many as volumes were promised are reserved, and the rest is free.
/// Thread-safe.
/// </summary>
/// <remarks>
/// What is promised is never more than what is unallocated and what waits to be: an ordinary write takes only what is free, and a promised chunk
/// that loses its extent finds it again among the waiting ones.
/// </remarks>
internal sealed partial class ExtentAllocator(ReclaimEpoch epoch)
{
    private readonly Lock _lock = new();
    private readonly List<ExtentMap> _maps = [];
    private readonly Queue<FreedExtent> _waiting = new();
    private readonly LinkedList<Reservation> _short = [];
    private long _cursor;
    private long _totalCount;
    private long _unallocatedCount;
    private long _promisedCount;
    private long _freeCount;
    private long _alarmCount = -1;

    /// <summary>While false, nothing is allocated: metadata must never be what runs out first.</summary>
    public Func<bool> MetadataHasRoom { get; set; } = static () => true;

    /// <summary>Called when an extent waits for a commit to become free; any lock may be held, so it only notes it.</summary>
    public Action CommitWanted { get; set; } = static () => { };

    /// <summary>Called when the alarm goes off; locks may be held, so it only notes it.</summary>
    public Action AlarmRaised { get; set; } = static () => { };

    public long TotalCount => Volatile.Read(ref _totalCount);

    /// <summary>What a write without a promise can get: unallocated and not reserved.</summary>
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

    /// <summary>All counts at one moment; what is out of reach while it is given back to the host is free.</summary>
    public ExtentCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return new ExtentCounts(_totalCount, _unallocatedCount + _punchedCount, _promisedCount, _waiting.Count, _retired.Count, _outOfReachCount);
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
            Changed(slotCount);
        }
    }

    public void GrowNode(int node, long slotCount)
    {
        lock (_lock)
        {
            long added = slotCount - _maps[node].SlotCount;
            _maps[node].Grow(slotCount);
            _totalCount += added;
            Changed(added);
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

            Changed(-taken);
        }

        return taken;
    }

    /// <summary>
    /// For each node a bit for each slot, set when a layer owns it: neither held by a write, one of <paramref name="held"/>, nor waiting to be free, nor retired.
    /// </summary>
    public IReadOnlyList<ulong[]> CopyOwned(IEnumerable<long> held)
    {
        lock (_lock)
        {
            ulong[][] owned = [.. _maps.Select(map => map.Copy())];
            foreach (long extent in held.Concat(_waiting.Select(freed => freed.Extent)).Concat(_retired))
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

            Changed(_maps.Sum(map => map.FreeCount) - _unallocatedCount);
        }
    }

    /// <summary>
    /// A free extent, or -1; what is reserved is not touched. <paramref name="preferred"/> is taken when it is free, so that a stream stays contiguous;
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

            return Take(preferred);
        }
    }

    /// <summary>
    /// Draws an extent for a promised chunk. <see cref="ClaimOutcome.InTransit"/> when the extents that were kept for it wait to be used again: a commit
    /// brings them. NoSpace when metadata has no room.
    /// </summary>
    public ClaimOutcome Draw(Reservation reservation, long preferred, out long extent)
    {
        extent = -1;
        lock (_lock)
        {
            if (!MetadataHasRoom())
            {
                return ClaimOutcome.NoSpace;
            }

            if (_unallocatedCount == 0)
            {
                // What was promised is among those that wait, unless the pool lost extents to damage.
                return _waiting.Count != 0 ? ClaimOutcome.InTransit : ClaimOutcome.NoSpace;
            }

            if (reservation.NeededCount == 0)
            {
                throw new InvalidOperationException("a promised chunk without an extent is not counted as one");
            }

            reservation.NeededCount--;
            _promisedCount--;
            extent = Take(preferred);
            return ClaimOutcome.Granted;
        }
    }

    /// <summary>Draws an extent of a volume's emergency amount, for a write that found nothing free; -1 when nothing of it is left.</summary>
    public long DrawEmergency(Reservation reservation, long preferred)
    {
        lock (_lock)
        {
            if (!MetadataHasRoom() || _unallocatedCount == 0 || (_freeCount == 0 && reservation.EmergencyCount == 0))
            {
                return -1;
            }

            if (_freeCount != 0)
            {
                return Take(preferred);
            }

            if (reservation.EmergencyCount == reservation.EmergencyWantedCount)
            {
                _short.AddLast(reservation);
                if (!reservation.IsDrawnOn)
                {
                    reservation.IsDrawnOn = true;
                    reservation.NoteFirstDraw();
                }
            }

            reservation.EmergencyCount--;
            _promisedCount--;
            return Take(preferred);
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
    /// <param name="extent">The extent.</param>
    /// <param name="promisedTo">Whose promise it was drawn on, if that promise still holds: it is kept for it again.</param>
    public void FreeUnused(long extent, Reservation? promisedTo = null)
    {
        lock (_lock)
        {
            Need(promisedTo);
            Free(extent);
        }
    }

    /// <summary>Gives back an extent whose last record was removed by the journal record <paramref name="sequence"/>.</summary>
    /// <param name="extent">The extent.</param>
    /// <param name="sequence">The record.</param>
    /// <param name="promisedTo">Whom the chunk that lost it is promised to: an extent is kept for that chunk from now on.</param>
    public void FreeAfterCommit(long extent, long sequence, Reservation? promisedTo = null)
    {
        lock (_lock)
        {
            _waiting.Enqueue(new FreedExtent(extent, sequence, epoch.Current));
            Need(promisedTo);
        }

        CommitWanted();
    }

    /// <summary>Reserves free extents for promises that are about to be made; false, and nothing reserved, when there are not so many.</summary>
    public bool TryReserve(long count, out long freeCount)
    {
        lock (_lock)
        {
            freeCount = _freeCount;
            if (count > freeCount)
            {
                return false;
            }

            _promisedCount += count;
            Changed(0);
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryReserve"/> did, when the promises came to nothing.</summary>
    public void Unreserve(long count)
    {
        lock (_lock)
        {
            _promisedCount -= count;
            Changed(0);
        }
    }

    /// <summary>A promised chunk has an extent by other means than a write.</summary>
    public void NoLongerNeeded(Reservation reservation)
    {
        lock (_lock)
        {
            reservation.NeededCount--;
            _promisedCount--;
            Changed(0);
        }
    }

    /// <summary>Makes counts of promises true, with the extents that <see cref="TryReserve"/> reserved for all of them together.</summary>
    public void Settle(ReadOnlySpan<ReservationCounts> counts, long reservedCount)
    {
        lock (_lock)
        {
            _promisedCount -= reservedCount;
            foreach (ReservationCounts next in counts)
            {
                Reservation reservation = next.Reservation;
                _promisedCount += next.NeededCount - reservation.NeededCount;
                reservation.NeededCount = next.NeededCount;
                if (next.EmergencyWantedCount != reservation.EmergencyWantedCount)
                {
                    SetEmergency(reservation, next.EmergencyWantedCount, next.EmergencyWantedCount);
                }
            }

            Changed(0);
        }
    }

    /// <summary>Counts all promises that the pool was opened with. Emergency amounts get what is free besides.</summary>
    public void Restore(ReadOnlySpan<ReservationCounts> counts)
    {
        lock (_lock)
        {
            foreach (ReservationCounts opened in counts)
            {
                opened.Reservation.NeededCount = opened.NeededCount;
                _promisedCount += opened.NeededCount;
                SetEmergency(opened.Reservation, opened.EmergencyWantedCount, 0);
            }

            Changed(0);
        }
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
        // What is out of reach for a moment, because it is given back to the host, is free.
        if (_freeCount + _punchedCount <= _alarmCount)
        {
            _alarmCount = -1;
            AlarmRaised();
        }
    }

    private bool TryTakePreferred(long extent) =>
        ExtentAddress.NodeOf(extent) < _maps.Count && !_maps[ExtentAddress.NodeOf(extent)].IsSuspended && _maps[ExtentAddress.NodeOf(extent)].TryTake(ExtentAddress.SlotOf(extent));

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

    private long Take(long preferred)
    {
        long extent = preferred >= 0 && TryTakePreferred(preferred) ? preferred : FindAndTake();
        Changed(-1);
        return extent;
    }

    private void Free(long extent)
    {
        ExtentMap map = _maps[ExtentAddress.NodeOf(extent)];
        map.Free(ExtentAddress.SlotOf(extent));
        if (map.IsSuspended)
        {
            _outOfReachCount++;
        }
        else
        {
            Changed(1);
        }
    }

    private void Need(Reservation? promisedTo)
    {
        if (promisedTo is not null)
        {
            promisedTo.NeededCount++;
            _promisedCount++;
            Changed(0);
        }
    }

    private void SetEmergency(Reservation reservation, long wantedCount, long count)
    {
        _short.Remove(reservation);
        _promisedCount += count - reservation.EmergencyCount;
        reservation.EmergencyCount = count;
        reservation.EmergencyWantedCount = wantedCount;
        reservation.IsDrawnOn = false;
        if (count < wantedCount)
        {
            _short.AddLast(reservation);
        }
    }

    /// <summary>Some more, or fewer, extents are unallocated, or promised. Emergency amounts that were drawn on are filled before others get anything.</summary>
    private void Changed(long unallocatedChange)
    {
        _unallocatedCount += unallocatedChange;
        while (_short.First?.Value is { } reservation && _unallocatedCount > _promisedCount)
        {
            long filled = Math.Min(reservation.EmergencyWantedCount - reservation.EmergencyCount, _unallocatedCount - _promisedCount);
            reservation.EmergencyCount += filled;
            _promisedCount += filled;
            if (reservation.EmergencyCount == reservation.EmergencyWantedCount)
            {
                reservation.IsDrawnOn = false;
                _short.RemoveFirst();
            }
        }

        Volatile.Write(ref _freeCount, Math.Max(0, _unallocatedCount - _promisedCount));
        RaiseAlarm();
    }
}
