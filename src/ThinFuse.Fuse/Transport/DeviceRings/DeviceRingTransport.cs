using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.DeviceRings;

/// <summary>Requests that come through the device, read by a few threads that each have a ring for what they read and write, and workers for what may block.</summary>
internal sealed class DeviceRingTransport : IDeviceTransport
{
    /// <summary>Each of them is woken when a request comes while they sleep.</summary>
    private const int MostRings = 4;

    private const int StopTimeoutMs = 5000;

    private readonly ILogger _logger;
    private readonly WorkerThreads _workers;
    private readonly List<SafeFileHandle> _clones = [];
    private readonly List<DeviceRing> _rings = [];
    private readonly List<Thread> _threads = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _failure;

    /// <summary>Takes what is needed of the system.</summary>
    /// <param name="device">The connection, reads of which wait.</param>
    /// <param name="clones">Those that there are already, one at least, which belong to this object once it is made; null to make them.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="requests">The session's requests.</param>
    /// <param name="dispatcher">Handles them.</param>
    /// <param name="logger">Told what fails.</param>
    /// <exception cref="FuseException">There is no io_uring, or no clone.</exception>
    public DeviceRingTransport(
        SafeFileHandle device, IReadOnlyList<SafeFileHandle>? clones, FuseSessionOptions options, FuseRequestPool requests, FuseDispatcher dispatcher,
        ILogger logger)
    {
        _logger = logger;
        _workers = new WorkerThreads(options.ThreadCount, capacity: options.ThreadCount, logger);
        int ringCount = Math.Min(Math.Min(Environment.ProcessorCount, MostRings), Math.Min(options.ThreadCount, clones?.Count ?? MostRings));
        BlockingLeave leave = new(ringCount);
        try
        {
            while (_rings.Count < ringCount)
            {
                SafeFileHandle clone = clones?[_rings.Count] ?? DeviceClone.TryMake(device, logger) ?? throw new FuseException(FuseErrno.EOPNOTSUPP);
                _clones.Add(clone);
                DeviceRing ring = new(device, clone, requests, dispatcher, _workers, leave, logger);
                _rings.Add(ring);
                _threads.Add(new Thread(() => Run(ring)) { IsBackground = true, Name = $"fuse-device-{_threads.Count}" });
            }
        }
        catch
        {
            _rings.ForEach(ring => ring.Dispose());
            if (clones == null)
            {
                _clones.ForEach(clone => clone.Dispose());
            }

            throw;
        }

        _clones.ForEach(clone => DeviceClone.SetWaiting(clone, waits: false, logger));

        // A process before this one may have had more. They are kept for a successor that wants them.
        _clones.AddRange((clones ?? []).Skip(ringCount));
    }

    public FuseTransportKind Kind => FuseTransportKind.Device;

    public Task Completion => _completion.Task;

    public IReadOnlyList<SafeFileHandle> Clones => _clones;

    public void Open()
    {
        // The clones have been there from the start.
    }

    public void Start()
    {
        _running = _threads.Count;
        _workers.Start();
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>The threads have been woken by the unmount.</summary>
    public void Dispose()
    {
        long deadlineMs = Environment.TickCount64 + StopTimeoutMs;
        bool hasStarted = _running != 0 || _threads.Exists(thread => thread.ThreadState != ThreadState.Unstarted);
        int left = _threads.Count(thread =>
            thread.IsAlive && thread != Thread.CurrentThread && !thread.Join((int)Math.Max(0, deadlineMs - Environment.TickCount64)));
        _workers.Stop();
        left += hasStarted ? _workers.Join(deadlineMs) : 0;
        if (left > 0)
        {
            FuseLog.ThreadsLeft(_logger, left);
        }
        else
        {
            _rings.ForEach(ring => ring.Dispose());
        }

        _clones.ForEach(clone => clone.Dispose());
        if (!hasStarted)
        {
            _completion.TrySetResult();
        }
    }

    private void Run(DeviceRing ring)
    {
        int errno = FuseErrno.EIO;
        try
        {
            errno = ring.Serve();
        }
        catch (Exception exception)
        {
            // No handler's exception comes here; this is the transport's own, such as no memory for another buffer.
            FuseLog.ThreadFailed(_logger, exception);
        }

        if (errno != 0)
        {
            Volatile.Write(ref _failure, errno);
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ = EndAsync();
        }
    }

    /// <summary>What was handed to workers ends, too.</summary>
    private async Task EndAsync()
    {
        _workers.Stop();
        await _workers.Completion.ConfigureAwait(false);
        int failure = Volatile.Read(ref _failure);
        if (failure == 0)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(new FuseException(failure, $"the FUSE device failed: {FuseErrno.Describe(failure)}"));
        }
    }
}
