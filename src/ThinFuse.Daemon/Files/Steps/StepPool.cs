namespace ThinFuse.Daemon.Files.Steps;

/// <summary>Keeps finished steps for the next request, so that the data path allocates nothing. Thread-safe.</summary>
internal sealed class StepPool<T>(Func<StepPool<T>, T> make)
    where T : class
{
    private readonly object _lock = new();
    private readonly Stack<T> _idle = new();
    private int _inUse;

    /// <summary>Takes one.</summary>
    public T Rent()
    {
        lock (_lock)
        {
            _inUse++;
            if (_idle.TryPop(out T? step))
            {
                return step;
            }
        }

        return make(this);
    }

    /// <summary>Gives it back; the caller touches it no more.</summary>
    public void Return(T step)
    {
        lock (_lock)
        {
            _idle.Push(step);
            if (--_inUse == 0)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Waits until all are back; false when some are not when the time is up.</summary>
    public bool WaitUntilIdle(TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_lock)
        {
            while (_inUse > 0)
            {
                long leftMs = deadline - Environment.TickCount64;
                if (leftMs <= 0 || !Monitor.Wait(_lock, TimeSpan.FromMilliseconds(leftMs)))
                {
                    return _inUse == 0;
                }
            }
        }

        return true;
    }
}
