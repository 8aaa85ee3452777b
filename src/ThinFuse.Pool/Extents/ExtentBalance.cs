using ThinFuse.Pool.Space.Reservations;

namespace ThinFuse.Pool.Extents;

/// <summary>
/// How many extents are unallocated, how many of those are kept for promises, and what is left for writes without one. Knows no extent. Not thread-safe:
/// <see cref="ExtentAllocator"/> holds the lock, but for what is said to be read at any time.
/// </summary>
/// <remarks>
/// What is promised is never more than what is unallocated and what waits to be: an ordinary write takes only what is free, and a promised chunk
/// that loses its extent finds it again among the waiting ones. Emergency amounts that were drawn on are filled before others get anything.
/// </remarks>
internal sealed class ExtentBalance
{
    private readonly LinkedList<Reservation> _short = [];
    private long _freeCount;
    private long _punchedCount;
    private long _alarmCount = -1;

    /// <summary>Called when the alarm goes off; the lock is held, and any before it may be, so it only notes it.</summary>
    public Action AlarmRaised { get; set; } = static () => { };

    /// <summary>What nobody owns or holds, and can be taken now.</summary>
    public long UnallocatedCount { get; private set; }

    /// <summary>How many of those writes were promised; more than there are while some of them still wait to be free.</summary>
    public long PromisedCount { get; private set; }

    /// <summary>What a write without a promise can get; read at any time.</summary>
    public long FreeCount => Volatile.Read(ref _freeCount);

    /// <summary>Free extents that are out of reach for the moment, because their space is being given back to the host; read at any time.</summary>
    public long PunchedCount => Volatile.Read(ref _punchedCount);

    /// <summary>Some more, or fewer, extents are unallocated.</summary>
    public void Add(long count) => Change(count, 0);

    /// <summary>So many free ones are out of reach for the moment.</summary>
    public void BeginPunch(long count)
    {
        Volatile.Write(ref _punchedCount, _punchedCount + count);
        Add(-count);
    }

    /// <summary>They are back, as many as <paramref name="backCount"/> says as unallocated ones.</summary>
    public void EndPunch(long count, long backCount)
    {
        Add(backCount);
        Volatile.Write(ref _punchedCount, _punchedCount - count);
    }

    /// <summary>Has the alarm go off once when so few extents are free, which may be now; -1 for never.</summary>
    public void SetAlarm(long freeCount)
    {
        _alarmCount = freeCount;
        RaiseAlarm();
    }

    /// <summary>Keeps free extents for promises that are about to be made; a negative count lets go of some.</summary>
    public void Keep(long count) => Change(0, count);

    /// <summary>A promised chunk needs an extent, one more, or has one, by other means than a draw.</summary>
    public void Need(Reservation reservation, int count)
    {
        reservation.NeededCount += count;
        Change(0, count);
    }

    /// <summary>An extent is about to be taken for a promised chunk; <see cref="Add"/> follows.</summary>
    public void Draw(Reservation reservation)
    {
        if (reservation.NeededCount == 0)
        {
            throw new InvalidOperationException("a promised chunk without an extent is not counted as one");
        }

        reservation.NeededCount--;
        PromisedCount--;
    }

    /// <summary>An extent is about to be taken of an emergency amount, which must not be 0; <see cref="Add"/> follows.</summary>
    public void DrawEmergency(Reservation reservation)
    {
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
        PromisedCount--;
    }

    /// <summary>Makes counts of promises true, with the extents that were kept for all of them together.</summary>
    public void Settle(ReadOnlySpan<ReservationCounts> counts, long keptCount)
    {
        PromisedCount -= keptCount;
        foreach (ReservationCounts next in counts)
        {
            Reservation reservation = next.Reservation;
            PromisedCount += next.NeededCount - reservation.NeededCount;
            reservation.NeededCount = next.NeededCount;
            if (next.EmergencyWantedCount != reservation.EmergencyWantedCount)
            {
                SetEmergency(reservation, next.EmergencyWantedCount, next.EmergencyWantedCount);
            }
        }

        Change(0, 0);
    }

    /// <summary>Counts all promises that the pool was opened with. Emergency amounts get what is free besides.</summary>
    public void Restore(ReadOnlySpan<ReservationCounts> counts)
    {
        foreach (ReservationCounts opened in counts)
        {
            opened.Reservation.NeededCount = opened.NeededCount;
            PromisedCount += opened.NeededCount;
            SetEmergency(opened.Reservation, opened.EmergencyWantedCount, 0);
        }

        Change(0, 0);
    }

    private void SetEmergency(Reservation reservation, long wantedCount, long count)
    {
        _short.Remove(reservation);
        PromisedCount += count - reservation.EmergencyCount;
        reservation.EmergencyCount = count;
        reservation.EmergencyWantedCount = wantedCount;
        reservation.IsDrawnOn = false;
        if (count < wantedCount)
        {
            _short.AddLast(reservation);
        }
    }

    private void Change(long unallocated, long promised)
    {
        UnallocatedCount += unallocated;
        PromisedCount += promised;
        while (_short.First?.Value is { } reservation && UnallocatedCount > PromisedCount)
        {
            long filled = Math.Min(reservation.EmergencyWantedCount - reservation.EmergencyCount, UnallocatedCount - PromisedCount);
            reservation.EmergencyCount += filled;
            PromisedCount += filled;
            if (reservation.EmergencyCount == reservation.EmergencyWantedCount)
            {
                reservation.IsDrawnOn = false;
                _short.RemoveFirst();
            }
        }

        Volatile.Write(ref _freeCount, Math.Max(0, UnallocatedCount - PromisedCount));
        RaiseAlarm();
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
}
