using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>
/// Asks a node how it is, on a thread of its own, for a disk that hangs never answers: what it said last counts as long as it does. Thread-safe.
/// </summary>
internal sealed class NodeProbe
{
    /// <summary>What the host says costs no I/O, and does not show a device that hangs; so now and then the label is read.</summary>
    private const long ReadPauseMs = 5000;

    private readonly Node _node;
    private readonly PatientCall _look;
    private HostSpace? _host;
    private long _readAtMs = Environment.TickCount64;
    private int _isTold;

    public NodeProbe(Node node)
    {
        _node = node;
        _look = new PatientCall(Look);
    }

    /// <summary>What the host had given and could give when it was asked last; null when the node has failed, or was never asked.</summary>
    public HostSpace? Host
    {
        get
        {
            lock (_look)
            {
                return _host;
            }
        }
    }

    /// <summary>Whether it has not answered for longer than <see cref="PatientCall.PatienceMs"/>, and does not yet.</summary>
    public bool IsStalled => _look.Hangs;

    /// <summary>Asks, without waiting.</summary>
    /// <returns>What <see cref="Wait"/> takes.</returns>
    public long Ask() => _look.Begin();

    /// <summary>Waits for the answer, or until the node has stalled, which is told of once.</summary>
    public void Wait(long question)
    {
        if (!_look.Wait(question) && Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            _node.Faults.NoteStalled(_node);
        }
    }

    private void Look()
    {
        HostSpace? host = _node.HostOf();
        lock (_look)
        {
            _host = host;
        }

        long nowMs = Environment.TickCount64;
        if (nowMs - _readAtMs >= ReadPauseMs)
        {
            _readAtMs = nowMs;

            // An error is an answer too, and belongs to who needs what is there.
            _ = _node.CanReadLabel();
        }

        if (Interlocked.Exchange(ref _isTold, 0) != 0)
        {
            _node.Faults.NoteAnswer(_node);
        }
    }
}
