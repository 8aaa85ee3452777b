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
    private readonly ServingThreads _threads;

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
        _threads = new ServingThreads(logger);
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
                _threads.Add($"fuse-device-{_rings.Count - 1}", ring.Serve);
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
        Completion = EndAsync();
    }

    public FuseTransportKind Kind => FuseTransportKind.Device;

    public Task Completion { get; }

    public IReadOnlyList<SafeFileHandle> Clones => _clones;

    public void Start()
    {
        _workers.Start();
        _threads.Start();
    }

    /// <summary>The threads have been woken by the unmount.</summary>
    public void Dispose()
    {
        long deadlineMs = Environment.TickCount64 + StopTimeoutMs;
        int left = _threads.Join(deadlineMs);
        _workers.Stop();
        left += _workers.Join(deadlineMs);
        if (left > 0)
        {
            FuseLog.ThreadsLeft(_logger, left);
        }
        else
        {
            _rings.ForEach(ring => ring.Dispose());
        }

        _clones.ForEach(clone => clone.Dispose());
    }

    /// <summary>When the device has told of the end, what was handed to workers ends, too.</summary>
    private async Task EndAsync()
    {
        try
        {
            await _threads.Completion.ConfigureAwait(false);
        }
        finally
        {
            _workers.Stop();
            if (_threads.HasStarted)
            {
                await _workers.Completion.ConfigureAwait(false);
            }
        }
    }
}
