using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Rings.Wire;

namespace ThinFuse.Fuse.Transport.DeviceRings;

/// <summary>
/// One thread that reads requests, moves their data with many reads and writes at once, and answers. All methods but those said to be for other threads are for
/// that thread.
/// </summary>
/// <remarks>
/// As long as nothing is under way it waits in a read of the device, from which the kernel wakes one thread for a request. Otherwise it reads from a clone that
/// does not wait, and waits in the ring, for what is under way and for requests.
/// </remarks>
internal sealed unsafe partial class DeviceRing : IRingSubmitter, IDisposable
{
    /// <summary>Reads and writes of files under way, from which on no more requests are read: each holds its request's memory.</summary>
    private const int EnoughTransfers = 256;

    private const int SubmissionCount = 256;
    private const int MostUnderWay = EnoughTransfers + (2 * RingTransfer.SlotCount) + 1;

    private readonly SafeFileHandle _clone;
    private readonly DeviceReader _waitingReader;
    private readonly DeviceReader _reader;
    private readonly DeviceWriter _waitingWriter;
    private readonly DeviceWriter _writer;
    private readonly FuseRequestPool _requests;
    private readonly WorkerThreads _workers;
    private readonly BlockingLeave _leave;
    private readonly IoRing _ring;
    private readonly List<DeviceRingEntry> _entries = [];
    private readonly List<DeviceRingEntry> _unwritten = [];

    /// <summary>Guards the entries that stand for nothing; any thread may finish one.</summary>
    private readonly Lock _lock = new();
    private readonly Stack<DeviceRingEntry> _idle = new();
    private int _ownThread;
    private int _transferCount;
    private bool _isPolled;
    private bool _isOver;
    private int _failure;

    /// <summary>Takes what is needed of the system.</summary>
    /// <param name="device">The connection; reads of it wait.</param>
    /// <param name="clone">A clone of it, reads of which do not wait.</param>
    /// <param name="requests">The session's requests.</param>
    /// <param name="dispatcher">Handles them.</param>
    /// <param name="workers">Take what may block.</param>
    /// <param name="leave">Says whether this thread may.</param>
    /// <param name="logger">Told of failures of the device.</param>
    /// <exception cref="FuseException">There is no io_uring, or not all of it that is needed.</exception>
    public DeviceRing(
        SafeFileHandle device, SafeFileHandle clone, FuseRequestPool requests, FuseDispatcher dispatcher, WorkerThreads workers, BlockingLeave leave, ILogger logger)
    {
        _clone = clone;
        _requests = requests;
        Dispatcher = dispatcher;
        _workers = workers;
        _leave = leave;
        _waitingReader = new DeviceReader(device, requests, logger);
        _waitingWriter = new DeviceWriter(device, requests, logger);
        _reader = new DeviceReader(clone, requests, logger);
        _writer = new DeviceWriter(clone, requests, logger);
        _ring = new IoRing(SubmissionCount, System.Numerics.BitOperations.RoundUpToPowerOf2(MostUnderWay));
    }

    public FuseDispatcher Dispatcher { get; }

    /// <summary>Whether the calling thread is the ring's. For any thread.</summary>
    public bool IsOwnThread => Environment.CurrentManagedThreadId == Volatile.Read(ref _ownThread);

    /// <summary>Makes the calling thread the ring's, and serves until the connection ends and nothing is read or written any more.</summary>
    /// <returns>0 when it ended; else the errno that the device failed with.</returns>
    /// <exception cref="FuseException">The ring is broken.</exception>
    public int Serve()
    {
        _ring.Enable();
        _ring.AllowWaiting(MostUnderWay);
        Volatile.Write(ref _ownThread, Environment.CurrentManagedThreadId);
        try
        {
            while (true)
            {
                bool isEmpty = Receive();
                Settle();
                if (_transferCount == 0)
                {
                    if (_isOver)
                    {
                        return _failure;
                    }

                    continue;
                }

                if (isEmpty && !_isPolled)
                {
                    AddPoll();
                }

                // What makes the next turn worth while is a completion, unless there may be more to read.
                _ring.Enter(waitCount: isEmpty || _isOver || _transferCount >= EnoughTransfers ? 1u : 0);
                Handle();
                Settle();
            }
        }
        finally
        {
            // Thread numbers are given again.
            Volatile.Write(ref _ownThread, 0);
        }
    }

    /// <summary>Nobody looks at an entry's request any more. For any thread; on others than the ring's the answer goes out at once.</summary>
    public void Finish(DeviceRingEntry entry)
    {
        if (IsOwnThread)
        {
            _unwritten.Add(entry);
        }
        else
        {
            Free(entry, entry.Write(Dispatcher.TrySettle()));
        }
    }

    /// <summary>
    /// Has an entry do what may block: here and now, which is soonest, where this thread has nothing else under way and another looks after the requests; else on a
    /// worker.
    /// </summary>
    public void DoWhatMayBlock(DeviceRingEntry entry)
    {
        if (!TryDoHere(entry))
        {
            _workers.Add(entry);
        }
    }

    public SubmissionEntry* AddTransfer()
    {
        _transferCount++;
        return _ring.Add();
    }

    /// <summary>Closes the ring, after its thread has ended.</summary>
    public void Dispose() => _ring.Dispose();
}
