namespace ThinFuse.Pool.Extents;

/// <summary>
/// Tells when no operation can still hold an extent that was freed. An operation enters before it looks anything up and exits when its
/// I/O has ended; what was freed in epoch e is out of everybody's hands when the epoch has reached e + 2.
/// </summary>
/// <remarks>Epoch-based reclamation after K. Fraser, "Practical lock-freedom" (2004), with three counters in place of per-thread lists.</remarks>
internal sealed class ReclaimEpoch
{
    private const int Slots = 3;
    private const int Stride = 16; // longs: one counter per pair of cache lines
    private readonly long[] _active = new long[Slots * Stride];
    private readonly Lock _advance = new();
    private readonly Lock _waiting = new();
    private readonly List<ManualResetEventSlim> _waiters = [];
    private long _current = Slots;

    /// <summary>What is freed now belongs to this epoch.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>Enters; the result goes to <see cref="Exit"/>.</summary>
    public long Enter()
    {
        while (true)
        {
            long epoch = Volatile.Read(ref _current);
            Interlocked.Increment(ref Counter(epoch));
            if (Volatile.Read(ref _current) == epoch)
            {
                return epoch;
            }

            Exit(epoch);
        }
    }

    public void Exit(long epoch)
    {
        if (Interlocked.Decrement(ref Counter(epoch)) == 0 && _waiters.Count != 0)
        {
            lock (_waiting)
            {
                foreach (ManualResetEventSlim waiter in _waiters)
                {
                    waiter.Set();
                }
            }
        }
    }

    /// <summary>Moves on as far as the operations under way allow, at most two steps; returns the epoch reached.</summary>
    public long TryAdvance()
    {
        lock (_advance)
        {
            for (int step = 0; step < 2 && Volatile.Read(ref Counter(_current - 1)) == 0; step++)
            {
                Interlocked.Increment(ref _current);
            }

            return _current;
        }
    }

    /// <summary>Waits until everything freed before the call is out of everybody's hands. The caller must not be inside.</summary>
    public void WaitForGrace()
    {
        long target = Current + 2;
        if (TryAdvance() >= target)
        {
            return;
        }

        using ManualResetEventSlim woken = new();
        lock (_waiting)
        {
            _waiters.Add(woken);
        }

        try
        {
            while (true)
            {
                // Reset before the look: an exit between the look and the wait sets it again.
                woken.Reset();
                Interlocked.MemoryBarrier();
                if (TryAdvance() >= target)
                {
                    return;
                }

                woken.Wait();
            }
        }
        finally
        {
            lock (_waiting)
            {
                _waiters.Remove(woken);
            }
        }
    }

    private ref long Counter(long epoch) => ref _active[(int)(epoch % Slots) * Stride];
}
