using ThinFuse.Pool.Operations;

namespace ThinFuse.Pool.Volumes;

/// <summary>
/// What keeps a write and a snapshot apart: writes pass side by side, from map to publish; a snapshot closes the gate, waits for those
/// inside, freezes the head layer, and opens it again. Thread-safe; writes never block on it, they are parked.
/// </summary>
internal sealed class WriteGate
{
    private readonly object _lock = new();
    private readonly List<IParked> _parked = [];
    private int _inside;
    private bool _closed;

    /// <summary>Passes; false when the gate is closed, and the waiter is resumed when it opens.</summary>
    public bool TryEnter(IParked waiter)
    {
        lock (_lock)
        {
            if (_closed)
            {
                _parked.Add(waiter);
                return false;
            }

            _inside++;
            return true;
        }
    }

    /// <summary>Passes, waiting if it must.</summary>
    public void Enter()
    {
        BlockingWaiter waiter = new();
        while (!TryEnter(waiter))
        {
            waiter.Wait();
            waiter.Reset();
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            if (--_inside == 0 && _closed)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Closes the gate and waits until nobody is inside. Several gates are closed in the order of volume ids.</summary>
    public void Close()
    {
        lock (_lock)
        {
            while (_closed)
            {
                Monitor.Wait(_lock);
            }

            _closed = true;
            while (_inside != 0)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    public void Open()
    {
        IParked[] resumed;
        lock (_lock)
        {
            _closed = false;
            resumed = [.. _parked];
            _parked.Clear();
            Monitor.PulseAll(_lock);
        }

        foreach (IParked parked in resumed)
        {
            parked.Resume();
        }
    }
}
