using ThinFuse.Pool.Space.Reservations;

namespace ThinFuse.Pool.Extents;

/// <summary>The part that is told of promises, which <see cref="Reservations"/> makes and keeps.</summary>
internal sealed partial class ExtentAllocator
{
    /// <summary>Called when the alarm goes off, under the lock, with others held; so it only notes it.</summary>
    public Action AlarmRaised
    {
        set => _balance.AlarmRaised = value;
    }

    /// <summary>Has the alarm go off once when so few extents are free, which may be now; -1 for never.</summary>
    public void SetAlarm(long freeCount)
    {
        lock (_lock)
        {
            _balance.SetAlarm(freeCount);
        }
    }

    /// <summary>Reserves free extents for promises that are about to be made; false, and nothing reserved, when there are not so many.</summary>
    public bool TryReserve(long count, out long freeCount)
    {
        lock (_lock)
        {
            freeCount = _balance.FreeCount;
            if (count > freeCount)
            {
                return false;
            }

            _balance.Keep(count);
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryReserve"/> did, when the promises came to nothing.</summary>
    public void Unreserve(long count)
    {
        lock (_lock)
        {
            _balance.Keep(-count);
        }
    }

    /// <summary>A promised chunk has an extent by other means than a write.</summary>
    public void NoLongerNeeded(Reservation reservation)
    {
        lock (_lock)
        {
            _balance.Need(reservation, -1);
        }
    }

    /// <summary>Makes counts of promises true, with the extents that <see cref="TryReserve"/> reserved for all of them together.</summary>
    public void Settle(ReadOnlySpan<ReservationCounts> counts, long reservedCount)
    {
        lock (_lock)
        {
            _balance.Settle(counts, reservedCount);
        }
    }

    /// <summary>Counts all promises that the pool was opened with. Emergency amounts get what is free besides.</summary>
    public void Restore(ReadOnlySpan<ReservationCounts> counts)
    {
        lock (_lock)
        {
            _balance.Restore(counts);
        }
    }
}
