using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// Requests over io_uring: a queue with a thread of its own per CPU, and workers for what may block. FORGET and INTERRUPT still come through the
/// device, which a few threads read.
/// </summary>
internal sealed class UringTransport : IFuseTransport
{
    private const int DeviceThreadCount = 2;
    private const int MostEntries = 64;
    private const int LeastEntries = 16;

    /// <summary>Entries of all queues together, as far as the bounds of each allow.</summary>
    private const int EntriesWanted = 512;

    private const int StopTimeoutMs = 5000;

    private readonly SafeFileHandle _device;
    private readonly FuseSessionOptions _options;
    private readonly FuseRequestPool _requests;
    private readonly FuseDispatcher _dispatcher;
    private readonly ILogger _logger;
    private readonly WorkerThreads _workers;
    private readonly RingThread[] _rings;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ThreadTransport? _deviceThreads;

    /// <summary>Takes what is needed of the system, before INIT is answered.</summary>
    /// <exception cref="FuseException">There is no io_uring, or not enough memory.</exception>
    public UringTransport(
        SafeFileHandle device, FuseSessionOptions options, FuseRequestPool requests, FuseDispatcher dispatcher, ILogger logger)
    {
        _device = device;
        _options = options;
        _requests = requests;
        _dispatcher = dispatcher;
        _logger = logger;
        int ringCount = PossibleCpus.Count;
        EntryCount = Math.Clamp(EntriesWanted / ringCount, LeastEntries, MostEntries);
        _workers = new WorkerThreads(options.ThreadCount, ringCount * EntryCount, logger);
        _rings = new RingThread[ringCount];
        try
        {
            for (int i = 0; i < ringCount; i++)
            {
                _rings[i] = new RingThread(i, new RingQueue(i, EntryCount, requests, dispatcher, _workers, logger), device, logger);
            }
        }
        catch
        {
            Array.ForEach(_rings, ring => ring?.Dispose());
            throw;
        }
    }

    public FuseTransportKind Kind { get; private set; } = FuseTransportKind.Uring;

    public Task Completion => _completion.Task;

    /// <summary>Requests that each ring holds at once.</summary>
    private int EntryCount { get; }

    /// <summary>Gives the kernel the rings. Where it refuses them it goes on with the device, and so does this, unless io_uring is demanded.</summary>
    /// <exception cref="FuseException">The kernel refused, and io_uring is demanded.</exception>
    public void Start()
    {
        _workers.Start();
        Array.ForEach(_rings, ring => ring.Start());
        int threadCount = DeviceThreadCount;
        if (_rings.Select(ring => ring.WaitUntilOpen()).FirstOrDefault(errno => errno != 0) is not 0 and int errno)
        {
            string reason = $"the kernel refused the rings: {FuseErrno.Describe(errno)}";
            if (_options.Transport == FuseTransportKind.Uring)
            {
                throw new FuseException(errno, reason);
            }

            FuseLog.DeviceInstead(_logger, reason);
            Array.ForEach(_rings, ring => ring.Queue.Stop(isOver: false));
            Kind = FuseTransportKind.Device;
            threadCount = _options.ThreadCount;
        }
        else
        {
            FuseLog.OverRings(_logger, _rings.Length, EntryCount);
        }

        _deviceThreads = new ThreadTransport(_device, null, _options with { ThreadCount = threadCount }, _requests, _dispatcher, _logger);
        _deviceThreads.Start();
        _ = EndAsync(_deviceThreads.Completion);
    }

    public void Dispose()
    {
        long deadlineMs = Environment.TickCount64 + StopTimeoutMs;
        Array.ForEach(_rings, ring => ring.Queue.Stop(isOver: false));
        int left = _rings.Count(ring => !ring.Join(deadlineMs));
        _workers.Stop();
        left += _workers.Join(deadlineMs);
        _deviceThreads?.Dispose();
        if (left > 0)
        {
            FuseLog.ThreadsLeft(_logger, left);
        }
        else
        {
            Array.ForEach(_rings, ring => ring.Dispose());
        }

        if (_deviceThreads == null)
        {
            _completion.TrySetResult();
        }
    }

    /// <summary>The device tells of the end; then the rings give back what they hold, and what was handed to workers ends.</summary>
    private async Task EndAsync(Task deviceEnd)
    {
        try
        {
            Task ended = await Task.WhenAny([deviceEnd, .. _rings.Select(ring => ring.Failure)]).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
            Array.ForEach(_rings, ring => ring.Queue.Stop(isOver: true));
            await Task.WhenAll(_rings.Select(ring => ring.Completion)).ConfigureAwait(false);
            _workers.Stop();
            await _workers.Completion.ConfigureAwait(false);
            _completion.TrySetResult();
        }
        catch (FuseException failure)
        {
            _completion.TrySetException(failure);
        }
    }
}
