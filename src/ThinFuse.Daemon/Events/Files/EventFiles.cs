using ThinFuse.Daemon.Files;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Events.Files;

/// <summary>The open .thinfuse/events of a mount. Thread-safe.</summary>
internal sealed class EventFiles(EventStream stream) : IDisposable
{
    /// <summary>
    /// How many may be open at once. Each holds at most one unanswered READ, and a ring of the kernel's that carries requests has as few as 16 places for all
    /// requests of a CPU: half of them are left to others. Followers of the control API are not bounded by this.
    /// </summary>
    public const int MaxOpen = 8;

    private readonly object _lock = new();
    private readonly HashSet<OpenEventFile> _open = [];

    /// <summary>How many are open.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Opens one; undone by <see cref="Release"/>.</summary>
    /// <exception cref="FuseException">EUSERS: <see cref="MaxOpen"/> are open.</exception>
    public OpenEventFile Open()
    {
        OpenEventFile file = new(stream.FromNow());
        lock (_lock)
        {
            if (_open.Count == MaxOpen)
            {
                throw new FuseException(FuseErrno.EUSERS);
            }

            _open.Add(file);
        }

        return file;
    }

    /// <summary>The kernel knows it no more.</summary>
    public void Release(OpenEventFile file)
    {
        file.End();
        lock (_lock)
        {
            _open.Remove(file);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Tells all that are open now that there is no more to come, which makes most readers close them.</summary>
    public void EndAll()
    {
        lock (_lock)
        {
            foreach (OpenEventFile file in _open)
            {
                file.End();
            }
        }
    }

    /// <summary>Waits until none is open; false when some still are when the time is up.</summary>
    public bool WaitUntilClosed(TimeSpan timeout) => Draining.WaitUntilNone(_lock, () => _open.Count, timeout);

    /// <summary>Lets go of the reads that still wait, which the kernel does not when the connection ends first.</summary>
    public void Dispose() => EndAll();
}
