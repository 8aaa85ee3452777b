using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Rings.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// The kernel's queue of one CPU: a ring, its entries, and the state that its thread keeps. All methods but those said to be for other threads
/// are for that thread, which is the one that called <see cref="Open"/>. It may run on any CPU: a single client fills the queue of the CPU it runs on, and
/// the thread would share that one with it while others are idle.
/// </summary>
internal sealed unsafe partial class RingQueue : IRingSubmitter, IDisposable
{
    /// <summary>The device's number among the registered files.</summary>
    private const int DeviceFile = 0;

    private const int SubmissionCount = 256;

    private readonly int _index;
    private readonly IoRing _ring;
    private readonly SharedMemory _memory;
    private readonly RingMailbox _mailbox = new();
    private readonly RingEntry[] _entries;
    private readonly LargeRequests _large;

    /// <summary>The answers that the file system has not been asked to make true yet; the kernel is told of none of them.</summary>
    private readonly RingEntry[] _unsettled;
    private readonly ILogger _logger;
    private int _ownThread;
    private int _unsettledCount;
    private int _fetchingCount;
    private int _transferCount;
    private int _liveCount;
    private int _failure;
    private bool _isOver;
    private volatile bool _isStopping;

    /// <summary>Takes what the queue needs of the system: a ring and memory.</summary>
    /// <param name="index">The CPU.</param>
    /// <param name="entryCount">How many requests it holds at once.</param>
    /// <param name="requests">Has the entries' requests made known, for interruptions.</param>
    /// <param name="dispatcher">Handles requests.</param>
    /// <param name="workers">Take what may block.</param>
    /// <param name="logger">Told about what the kernel refuses.</param>
    /// <exception cref="FuseException">There is no io_uring, or not enough memory.</exception>
    public RingQueue(
        int index, int entryCount, FuseRequestPool requests, FuseDispatcher dispatcher, WorkerThreads workers, ILogger logger)
    {
        _index = index;
        _logger = logger;
        Dispatcher = dispatcher;
        Workers = workers;
        uint mostUnderWay = (uint)(entryCount * (1 + RingTransfer.SlotCount)) + 1;
        try
        {
            _ring = new IoRing(SubmissionCount, System.Numerics.BitOperations.RoundUpToPowerOf2(mostUnderWay));
            _memory = RingRequestMemory.MapQueue(entryCount);
        }
        catch
        {
            _ring?.Dispose();
            _mailbox.Dispose();
            throw;
        }

        _entries = [.. Enumerable.Range(0, entryCount).Select(i => new RingEntry(this, i, new RingRequestMemory(_memory, i, entryCount)))];
        _unsettled = new RingEntry[entryCount];
        _large = new LargeRequests(_memory, workers);
        _liveCount = entryCount;
        Array.ForEach(_entries, entry => requests.Add(entry.Request));
    }

    public FuseDispatcher Dispatcher { get; }

    public WorkerThreads Workers { get; }

    /// <summary>Whether the calling thread is the queue's. For any thread.</summary>
    public bool IsOwnThread => Environment.CurrentManagedThreadId == Volatile.Read(ref _ownThread);

    /// <summary>Makes the calling thread the queue's and gives the kernel all entries.</summary>
    /// <returns>0 when it took at least one; else its errno.</returns>
    /// <exception cref="FuseException">The ring is broken.</exception>
    public int Open(SafeFileHandle device)
    {
        _ring.Enable();
        _ring.AllowWaiting((uint)(_entries.Length * RingTransfer.SlotCount));
        _ring.RegisterFile(device);
        _ownThread = Environment.CurrentManagedThreadId;
        AddBell();
        Array.ForEach(_entries, AddCommand);
        while (_ring.UnsubmittedCount != 0)
        {
            _ring.Enter(waitCount: 0);
        }

        // What the kernel refuses has completed by now; the rest completes with the first requests.
        Handle();
        return _liveCount == 0 ? _failure : 0;
    }

    /// <summary>Serves until the connection is over or the queue is to stop, and no file is read or written any more.</summary>
    /// <returns>0, or an errno because of which the kernel's queue is served no longer.</returns>
    /// <exception cref="FuseException">The ring is broken.</exception>
    public int Serve()
    {
        while (_transferCount != 0 || !(_isStopping || (_isOver && _fetchingCount == 0)))
        {
            Settle();
            if (_mailbox.TrySleep())
            {
                // A bell that rang before this is a completion by now, so there is no gap between the look at the loop's condition and this.
                _ring.Enter(waitCount: 1);
                _mailbox.Awake();
            }

            Handle();
            CommitPosted();
            if (_liveCount == 0 && _failure != 0)
            {
                return _failure;
            }
        }

        return 0;
    }

    /// <summary>The thread ends, and nobody is the ring's owner any more: thread numbers are given again.</summary>
    public void Leave() => Volatile.Write(ref _ownThread, 0);

    /// <summary>Has <see cref="Serve"/> return soon. For any thread.</summary>
    /// <param name="isOver">Whether the kernel has ended the connection: then it first takes back what the kernel holds.</param>
    public void Stop(bool isOver)
    {
        if (isOver)
        {
            Volatile.Write(ref _isOver, true);
        }
        else
        {
            _isStopping = true;
        }

        _mailbox.Wake();
    }

    /// <summary>Answers an entry's request, which nobody looks at any more, and has the entry fetch the next. For any thread.</summary>
    public void Commit(RingEntry entry)
    {
        if (IsOwnThread)
        {
            AddCommand(entry);
        }
        else
        {
            // After the end of the queue nobody takes it out again: the kernel wants no answer any more.
            _mailbox.Post(entry);
        }
    }

    public SubmissionEntry* AddTransfer()
    {
        _transferCount++;
        return Add();
    }

    /// <summary>
    /// Closes the ring, after the thread has ended. The memory goes when no request is in it; else when the last of them is forgotten, since its
    /// holder may still look at it.
    /// </summary>
    public void Dispose()
    {
        _ring.Dispose();
        _mailbox.Dispose();
        if (Array.TrueForAll(_entries, entry => !entry.Request.IsUnderWay))
        {
            _memory.Dispose();
        }
    }
}
