using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Space.Reservations;

namespace ThinFuse.Pool.Extents;

/// <summary>
/// The one place that knows which extents are free. An extent is allocated or not; an allocated one is owned by a layer, held by a write under way,
/// freed and waiting until it may be used again, or retired. Of those that are not, as many as volumes were promised are reserved, and the rest is free.
/// Thread-safe.
/// </summary>
/// <remarks>
/// <para>One lock holds together which extents are taken (<see cref="ExtentMaps"/>), how many are promised (<see cref="ExtentBalance"/>), and what waits: all
/// that is said of them is of one moment.</para>
/// <para>It is an innermost lock, taken with gates, the metadata lock and shards' locks held: inside it nothing waits, and no other lock is taken but those
/// that <see cref="MetadataHasRoom"/> and <see cref="AlarmRaised"/> may need, behind which nobody comes back here.</para>
/// </remarks>
internal sealed partial class ExtentAllocator(ReclaimEpoch epoch)
{
    private readonly Lock _lock = new();
    private readonly ExtentMaps _maps = new();
    private readonly ExtentBalance _balance = new();
    private readonly Queue<FreedExtent> _waiting = new();
    private long _totalCount;

    /// <summary>While false, nothing is allocated: metadata must never be what runs out first. Called under the lock.</summary>
    public Func<bool> MetadataHasRoom { get; set; } = static () => true;

    /// <summary>Called when an extent waits for a commit to become free; any lock may be held, so it only notes it.</summary>
    public Action CommitWanted { get; set; } = static () => { };

    public long TotalCount => Volatile.Read(ref _totalCount);

    /// <summary>What a write without a promise can get: unallocated and not reserved.</summary>
    public long FreeCount => _balance.FreeCount;

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
                return new ExtentCounts(
                    _totalCount, _balance.UnallocatedCount + _balance.PunchedCount, _balance.PromisedCount, _waiting.Count, _retired.Count, _outOfReachCount);
            }
        }
    }

    public void AddNode(long slotCount)
    {
        lock (_lock)
        {
            _maps.AddNode(slotCount);
            _totalCount += slotCount;
            _balance.Add(slotCount);
        }
    }

    public void GrowNode(int node, long slotCount)
    {
        lock (_lock)
        {
            long added = _maps.GrowNode(node, slotCount);
            _totalCount += added;
            _balance.Add(added);
        }
    }

    public long AllocatedCount(int node)
    {
        lock (_lock)
        {
            return _maps.TakenCount(node);
        }
    }

    public bool IsTaken(long extent)
    {
        lock (_lock)
        {
            return _maps.IsTaken(extent);
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
            return _balance.FreeCount == 0 || !MetadataHasRoom() ? -1 : Take(preferred);
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

            if (_balance.UnallocatedCount == 0)
            {
                // What was promised is among those that wait, unless the pool lost extents to damage.
                return _waiting.Count != 0 ? ClaimOutcome.InTransit : ClaimOutcome.NoSpace;
            }

            _balance.Draw(reservation);
            extent = Take(preferred);
            return ClaimOutcome.Granted;
        }
    }

    /// <summary>Draws an extent of a volume's emergency amount, for a write that found nothing free; -1 when nothing of it is left.</summary>
    public long DrawEmergency(Reservation reservation, long preferred)
    {
        lock (_lock)
        {
            if (!MetadataHasRoom() || _balance.UnallocatedCount == 0 || (_balance.FreeCount == 0 && reservation.EmergencyCount == 0))
            {
                return -1;
            }

            if (_balance.FreeCount == 0)
            {
                _balance.DrawEmergency(reservation);
            }

            return Take(preferred);
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

    private long Take(long preferred)
    {
        long extent = _maps.Take(preferred);
        _balance.Add(-1);
        return extent;
    }

    private void Free(long extent)
    {
        if (_maps.Free(extent))
        {
            _balance.Add(1);
        }
        else
        {
            _outOfReachCount++;
        }
    }

    private void Need(Reservation? promisedTo)
    {
        if (promisedTo is not null)
        {
            _balance.Need(promisedTo, 1);
        }
    }
}
