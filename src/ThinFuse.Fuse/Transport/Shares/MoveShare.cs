namespace ThinFuse.Fuse.Transport.Shares;

/// <summary>The threads that the moves of one file hold, and the moves that wait for one of them. Thread-safe.</summary>
/// <remarks>
/// Whoever gets in moves, and then as many of those that wait as there are, so that a move that waits has always a thread that will come to it. As many wait as
/// memory is given for; more hold their own threads, as they would without this.
/// </remarks>
internal sealed class MoveShare(int fileDescriptor, int limit)
{
    /// <summary>How many moves wait at most: each holds a request, of which a WRITE has up to 1 MiB in memory.</summary>
    public const int MaxWaiting = 256;

    private readonly Lock _lock = new();
    private readonly Queue<WaitingMove> _waiting = new();
    private int _running;

    /// <summary>The file.</summary>
    public int FileDescriptor => fileDescriptor;

    /// <summary>Gets the caller's thread in; false when the move waits for another.</summary>
    public bool TryEnter(in WaitingMove move)
    {
        lock (_lock)
        {
            if (_running >= limit && _waiting.Count < MaxWaiting)
            {
                _waiting.Enqueue(move);
                return false;
            }

            _running++;
            return true;
        }
    }

    /// <summary>The move that the caller's thread, which is in, does next; false when there is none, and the thread is out.</summary>
    public bool TryGoOn(out WaitingMove move)
    {
        lock (_lock)
        {
            // One that got in above the limit leaves those that wait to the others.
            if (_running <= limit && _waiting.TryDequeue(out move))
            {
                return true;
            }

            _running--;
            move = default;
            return false;
        }
    }
}
