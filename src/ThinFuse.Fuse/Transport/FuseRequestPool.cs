using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Transport;

/// <summary>Owns the requests of a session: the idle ones to be used again, and all of them to be found by an INTERRUPT. Thread-safe.</summary>
/// <param name="idleLimit">How many idle requests keep their memory.</param>
internal sealed class FuseRequestPool(int idleLimit) : IDisposable
{
    private readonly int _idleLimit = idleLimit;
    private readonly Lock _lock = new();
    private readonly DeviceRequestSlabs _slabs = new();
    private readonly List<FuseRequest> _all = [];
    private readonly Stack<FuseRequest> _idle = new(idleLimit);
    private bool _disposed;
    private volatile bool _isLeft;
    private volatile bool _isSilent;

    /// <summary>Whether requests that are received from now on are left to a successor, unanswered.</summary>
    public bool IsLeft => _isLeft;

    /// <summary>Whether no answer may be given any more.</summary>
    public bool IsSilent => _isSilent;

    /// <summary>Leaves what comes to a successor.</summary>
    public void Leave() => _isLeft = true;

    /// <summary>Has answers dropped: a successor gets those requests again.</summary>
    public void Silence() => _isSilent = true;

    /// <summary>Whether a handler is at work on any request.</summary>
    public bool AnyBeingHandled()
    {
        lock (_lock)
        {
            return _all.Exists(request => request.IsBeingHandled);
        }
    }

    public FuseRequest Rent()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out FuseRequest? idle))
            {
                return idle;
            }
        }

        FuseRequest fresh = new(_slabs.Take());
        lock (_lock)
        {
            _all.Add(fresh);
        }

        return fresh;
    }

    /// <summary>Makes a request known that lives outside the pool, so that an INTERRUPT finds it.</summary>
    public void Add(FuseRequest request)
    {
        lock (_lock)
        {
            _all.Add(request);
        }
    }

    /// <summary>Takes back a request that stands for nothing any more.</summary>
    public void Return(FuseRequest request)
    {
        lock (_lock)
        {
            if (!_disposed && _idle.Count < _idleLimit)
            {
                _idle.Push(request);
                return;
            }

            _all.Remove(request);
        }

        request.Memory.Dispose();
    }

    /// <summary>Interrupts the request with this number, if it is under way. The request's callback runs outside the pool's lock.</summary>
    public bool TryInterrupt(ulong unique)
    {
        FuseRequest[] all;
        lock (_lock)
        {
            all = [.. _all];
        }

        return Array.Exists(all, request => request.TryInterrupt(unique));
    }

    /// <summary>Frees the idle requests; those under way free themselves when they are answered.</summary>
    public void Dispose()
    {
        Stack<FuseRequest> idle;
        lock (_lock)
        {
            _disposed = true;
            idle = new Stack<FuseRequest>(_idle);
            _idle.Clear();
        }

        foreach (FuseRequest request in idle)
        {
            request.Memory.Dispose();
        }
    }
}
