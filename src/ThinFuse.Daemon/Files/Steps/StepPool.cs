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
    public bool WaitUntilIdle(TimeSpan timeout) => Draining.WaitUntilNone(_lock, () => _inUse, timeout);
}
