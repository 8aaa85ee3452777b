using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>
/// The thread that writes the log, in the order asked for, so that no caller of the table waits for a write, and no pool thread is held by one.
/// </summary>
/// <remarks>An error goes into the fault, and nothing is written after it; callbacks are called all the same (see <see cref="LogDevice"/>).</remarks>
internal sealed class LogWriter : IDisposable
{
    private readonly LogSegments _segments;
    private readonly TableFault _fault;
    private readonly byte[] _copy;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<LogWrite> _queue = new();
    private bool _busy;
    private bool _stopping;
    private bool _roomWanted;

    /// <param name="segments">Where to.</param>
    /// <param name="maxBytes">The longest write there will be.</param>
    /// <param name="fault">Takes the first error.</param>
    public LogWriter(LogSegments segments, int maxBytes, TableFault fault)
    {
        _copy = new byte[maxBytes];
        _segments = segments;
        _fault = fault;
        _thread = new Thread(Run) { IsBackground = true, Name = "exception table" };
    }

    /// <summary>Called on the writer's thread after <see cref="RequestRoom"/>: the place for slow work that keeps room ahead of the log.</summary>
    public Action? MakeRoom { get; set; }

    /// <summary>Begins with what is queued already.</summary>
    public void Start() => _thread.Start();

    public void Enqueue(in LogWrite write)
    {
        lock (_gate)
        {
            _queue.Enqueue(write);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Has <see cref="MakeRoom"/> run soon.</summary>
    public void RequestRoom()
    {
        lock (_gate)
        {
            if (!_roomWanted)
            {
                _roomWanted = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until nothing is left to write.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            while (_busy || _queue.Count > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            LogWrite? write = null;
            lock (_gate)
            {
                _busy = false;
                Monitor.PulseAll(_gate);
                while (_queue.Count == 0 && !_roomWanted && !_stopping)
                {
                    Monitor.Wait(_gate);
                }

                if (_queue.Count > 0)
                {
                    write = _queue.Dequeue();
                    _busy = true;
                }
                else if (_stopping)
                {
                    return;
                }
                else
                {
                    _roomWanted = false;
                    _busy = true;
                }
            }

            if (write is { } next)
            {
                Execute(next);
                next.Callback(0, (uint)next.LengthBytes, next.Context);
            }
            else
            {
                MakeRoom?.Invoke();
            }
        }
    }

    private unsafe void Execute(in LogWrite write)
    {
        if (_fault.IsSet)
        {
            return;
        }

        try
        {
            // Room is made ahead; where the host had none, this is its last chance.
            _segments.AllocateUntil((write.Segment + 1) * _segments.SegmentBytes);
            LogSegment segment = _segments.Find(write.Segment)
                ?? throw new StorageException(Errno.EIO, "write below the begin of", _segments.PathOf(write.Segment));

            // A write ends at a whole block, and the records after the part that FASTER has closed still change: checksum and file need the same bytes.
            Span<byte> blocks = _copy.AsSpan(0, write.LengthBytes);
            new ReadOnlySpan<byte>((void*)write.Source, write.LengthBytes).CopyTo(blocks);
            segment.Write(write.OffsetBytes, blocks);
        }
        catch (StorageException e)
        {
            _fault.Set(e);
        }
    }
}
