using ThinFuse.Pool.Operations;

namespace ThinFuse.Pool.Space;

/// <summary>
/// Writes that wait for space, oldest first. Only the first may take what comes back; who comes later stands behind, also when something is free
/// that is too little for the first. A waiting write holds nothing: no thread, no gate, no claim. Thread-safe.
/// </summary>
internal sealed class SpaceQueue : IDisposable
{
    private readonly Func<long> _available;
    private readonly Lock _lock = new();
    private readonly LinkedList<SpaceTicket> _queue = [];
    private Timer? _timer;
    private int _count;
    private long _arrivals;
    private bool _isClosed;

    /// <param name="available">Extents that could be taken now; called under the queue's lock.</param>
    public SpaceQueue(Func<long> available)
    {
        _available = available;
        Spare = new SpareSpace(() => IsEmpty ? available() : 0);
    }

    /// <summary>What is left when no write waits.</summary>
    public SpareSpace Spare { get; }

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Whether a write may take extents: nobody waits, or nobody before it.</summary>
    public bool HasTurn(SpaceTicket ticket)
    {
        if (IsEmpty)
        {
            return true;
        }

        lock (_lock)
        {
            return _queue.First is null || _queue.First == ticket.Place;
        }
    }

    /// <summary>
    /// Lets a write wait, in the place it has or at the end; its waiter is resumed when there may be enough for it, or its time is up. False when
    /// its time is up already, or the queue is closed: then it has left.
    /// </summary>
    /// <param name="ticket">The write's.</param>
    /// <param name="neededCount">Extents below which it need not try again, at least 1.</param>
    /// <param name="timeoutMs">How long it may wait, counted from its first call; 0 for ever.</param>
    /// <param name="waiter">Resumed once, perhaps before this returns.</param>
    public bool TryPark(SpaceTicket ticket, int neededCount, long timeoutMs, IParked waiter)
    {
        long nowMs = Environment.TickCount64;
        IParked? next;
        bool isParked;
        lock (_lock)
        {
            if (!ticket.IsQueued && !_isClosed)
            {
                Enqueue(ticket, timeoutMs == 0 ? long.MaxValue : nowMs + timeoutMs);
                Volatile.Write(ref _count, _queue.Count);
            }

            isParked = ticket.IsQueued && nowMs < ticket.DeadlineMs;
            if (isParked)
            {
                ticket.NeededCount = neededCount;
                ticket.Waiter = waiter;
                SetTimer(nowMs);
            }
            else
            {
                Remove(ticket);
            }

            // Space may have come between the refusal and now.
            next = TakeFirst();
        }

        next?.Resume();
        TellSpare();
        return isParked;
    }

    /// <summary>Ends a write's wait, if it waits; the one behind it may go on. Its waiter is resumed if it still sleeps.</summary>
    public void Leave(SpaceTicket ticket)
    {
        // Only the owner of the ticket queues it, and only its owner comes here.
        if (!ticket.IsQueued)
        {
            return;
        }

        IParked? sleeping;
        IParked? next;
        lock (_lock)
        {
            sleeping = Remove(ticket);
            next = TakeFirst();
        }

        sleeping?.Resume();
        next?.Resume();
        TellSpare();
    }

    /// <summary>Wakes the first if there may be enough for it; call when something has become free. Holding no other lock.</summary>
    public void Serve()
    {
        TellSpare();
        if (IsEmpty)
        {
            return;
        }

        IParked? first;
        lock (_lock)
        {
            first = TakeFirst();
        }

        first?.Resume();
    }

    /// <summary>Refuses everybody, now and from now on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Expire(long.MaxValue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _timer?.Dispose();
    }

    private void TellSpare()
    {
        if (IsEmpty)
        {
            Spare.Tell();
        }
    }

    /// <summary>The first's waiter, if it sleeps and waking it is worth it.</summary>
    private IParked? TakeFirst()
    {
        if (_queue.First?.Value is not { Waiter: not null } first || _available() < first.NeededCount)
        {
            return null;
        }

        return Wake(first);
    }

    private static IParked? Wake(SpaceTicket ticket)
    {
        IParked? waiter = ticket.Waiter;
        ticket.Waiter = null;
        return waiter;
    }

    private IParked? Remove(SpaceTicket ticket)
    {
        if (ticket.IsQueued)
        {
            _queue.Remove(ticket.Place);
            Volatile.Write(ref _count, _queue.Count);
        }

        return Wake(ticket);
    }

    /// <summary>Who had its turn and comes back, because the host was full, keeps its place and its time.</summary>
    private void Enqueue(SpaceTicket ticket, long deadlineMs)
    {
        if (ticket.Arrival == 0)
        {
            ticket.Arrival = ++_arrivals;
            ticket.DeadlineMs = deadlineMs;
        }

        LinkedListNode<SpaceTicket>? before = _queue.Last;
        while (before is not null && before.Value.Arrival > ticket.Arrival)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _queue.AddFirst(ticket.Place);
        }
        else
        {
            _queue.AddAfter(before, ticket.Place);
        }
    }

    /// <summary>Wakes all whose time is up; trying again they find that it is, unless there is space for them at last.</summary>
    private void Expire(long nowMs)
    {
        List<IParked> expired = [];
        lock (_lock)
        {
            foreach (SpaceTicket ticket in _queue)
            {
                if (ticket.DeadlineMs <= nowMs)
                {
                    ticket.DeadlineMs = 0;
                    if (Wake(ticket) is { } waiter)
                    {
                        expired.Add(waiter);
                    }
                }
            }

            SetTimer(nowMs);
        }

        expired.ForEach(waiter => waiter.Resume());
    }

    private void SetTimer(long nowMs)
    {
        long earliestMs = long.MaxValue;
        foreach (SpaceTicket ticket in _queue)
        {
            earliestMs = ticket.Waiter is null ? earliestMs : Math.Min(earliestMs, ticket.DeadlineMs);
        }

        if (earliestMs != long.MaxValue && !_isClosed)
        {
            _timer ??= new Timer(_ => Expire(Environment.TickCount64));
            _timer.Change(Math.Clamp(earliestMs - nowMs, 1, int.MaxValue), Timeout.Infinite);
        }
    }
}
