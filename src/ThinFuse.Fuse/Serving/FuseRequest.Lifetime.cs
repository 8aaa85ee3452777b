using ThinFuse.Fuse.Transport;

namespace ThinFuse.Fuse.Serving;

/// <summary>How long the object stands for one request, and its interruption.</summary>
/// <remarks>
/// Pins keep the object from being used for the next request: one for the missing answer, one while the handler runs, one for each
/// interruption being delivered. The object is recycled by whoever removes the last.
/// </remarks>
public sealed unsafe partial class FuseRequest
{
    private IFuseChannel? _channel;
    private int _pins;
    private int _answered;
    private volatile bool _interrupted;
    private Action<FuseRequest>? _onInterrupt;

    /// <summary>
    /// Whether the caller has been hit by a signal and no longer wants to wait. Answering EINTR is up to the file system; a
    /// request that is about to finish may as well finish.
    /// </summary>
    public bool IsInterrupted => _interrupted;

    /// <summary>Whether an answer has been given.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>Whether it stands for a request that somebody may still look at.</summary>
    internal bool IsUnderWay => Volatile.Read(ref _pins) != 0;

    /// <summary>Whether a handler is at work on it, rather than that it waits for something to happen.</summary>
    internal bool IsBeingHandled
    {
        get
        {
            int pins = Volatile.Read(ref _pins);
            return pins > 1 || (pins == 1 && IsAnswered);
        }
    }

    private IFuseChannel Channel => _channel ?? throw new InvalidOperationException("The request has not been received.");

    /// <summary>
    /// Registers what to do when the request is interrupted. Called at most once: on a thread of the transport, or inline when the request is
    /// interrupted already. It may run while another thread answers the request; the object stands for this request until it returns.
    /// An exception in it is logged.
    /// </summary>
    /// <param name="callback">Receives this request; a static or cached delegate allocates nothing. Replaces an earlier one.</param>
    public void OnInterrupt(Action<FuseRequest> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Volatile.Write(ref _onInterrupt, callback);
        Interlocked.MemoryBarrier();
        if (_interrupted)
        {
            Interlocked.Exchange(ref _onInterrupt, null)?.Invoke(this);
        }
    }

    /// <summary>Delivers an interruption if this object stands for that request and it is not answered.</summary>
    /// <returns>Whether it does.</returns>
    internal bool TryInterrupt(ulong unique)
    {
        if (!TryPin())
        {
            return false;
        }

        try
        {
            if (Unique != unique || IsAnswered)
            {
                return false;
            }

            MarkInterrupted();
            return true;
        }
        finally
        {
            Unpin();
        }
    }

    /// <summary>The request is known to be interrupted; runs the callback if there is one.</summary>
    internal void MarkInterrupted()
    {
        _interrupted = true;
        Interlocked.MemoryBarrier();
        Interlocked.Exchange(ref _onInterrupt, null)?.Invoke(this);
    }

    /// <summary>Removes a pin; the handler's is removed by the dispatcher when the handler has returned.</summary>
    internal void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) == 0)
        {
            IFuseChannel channel = Channel;
            State = null;
            _onInterrupt = null;
            channel.Recycle(this);
        }
    }

    /// <summary>Ends a request that needs no answer: FORGET and INTERRUPT.</summary>
    internal void EndUnanswered()
    {
        Claim();
        Unpin();
    }

    /// <summary>Leaves a request that has just been received to a successor, unanswered.</summary>
    internal void Abandon()
    {
        EndUnanswered();
        Unpin();
    }

    private void BeginLife(IFuseChannel channel)
    {
        _channel = channel;
        _interrupted = false;
        _onInterrupt = null;
        Volatile.Write(ref _answered, 0);
        Volatile.Write(ref _pins, 2);
    }

    /// <summary>Keeps the object for the same request until <see cref="Unpin"/>; false when it stands for none.</summary>
    internal bool TryPin()
    {
        int pins = Volatile.Read(ref _pins);
        while (pins > 0)
        {
            int seen = Interlocked.CompareExchange(ref _pins, pins + 1, pins);
            if (seen == pins)
            {
                return true;
            }

            pins = seen;
        }

        return false;
    }

    private bool TryClaim() => Interlocked.Exchange(ref _answered, 1) == 0;

    private void Claim()
    {
        if (!TryClaim())
        {
            throw new InvalidOperationException($"Request {Unique} ({Opcode}) has been answered already.");
        }
    }
}
