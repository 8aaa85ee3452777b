namespace ThinFuse.Pool.Space;

/// <summary>
/// What is free and no write waits for: background copies that met a full pool go on with it. They hold nothing while they wait, not even a place: all are
/// woken, and those that come too late wait again. Thread-safe.
/// </summary>
/// <param name="available">Extents that could be taken now, when nobody waits in front.</param>
internal sealed class SpareSpace(Func<long> available)
{
    private readonly object _lock = new();
    private int _waitingCount;
    private long _changes;

    /// <summary>Whether nobody waits.</summary>
    public bool IsIdle => Volatile.Read(ref _waitingCount) == 0;

    /// <summary>Blocks until an extent may be had, or there is no more need for one. The caller holds no lock, claim or gate.</summary>
    /// <param name="isNeeded">Asked after each change of the pool's space, on this thread and outside all locks.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public void Wait(Func<bool> isNeeded, CancellationToken stop)
    {
        using CancellationTokenRegistration wake = stop.Register(Tell);
        Interlocked.Increment(ref _waitingCount);
        try
        {
            while (true)
            {
                // Read first: what changes after a look at the space is seen by the wait below.
                long changes = Volatile.Read(ref _changes);
                stop.ThrowIfCancellationRequested();
                if (available() > 0 || !isNeeded())
                {
                    return;
                }

                AwaitChange(changes);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waitingCount);
        }
    }

    /// <summary>Has those who wait look again; call when something has become free, or is needed no longer. Costs nothing when nobody waits.</summary>
    public void Tell()
    {
        Interlocked.MemoryBarrier();
        if (IsIdle)
        {
            return;
        }

        lock (_lock)
        {
            _changes++;
            Monitor.PulseAll(_lock);
        }
    }

    private void AwaitChange(long changes)
    {
        lock (_lock)
        {
            while (_changes == changes)
            {
                Monitor.Wait(_lock);
            }
        }
    }
}
