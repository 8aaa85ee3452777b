using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Shares;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport;

/// <summary>Dedicated threads, each with a descriptor of its own that is cloned from the device.</summary>
internal sealed class ThreadTransport : IDeviceTransport
{
    private const int StopTimeoutMs = 5000;

    private readonly SafeFileHandle _device;
    private readonly ILogger _logger;
    private readonly ServingThreads _threads;
    private readonly List<DeviceChannel> _channels = [];
    private readonly List<SafeFileHandle> _clones;

    /// <param name="device">The connection.</param>
    /// <param name="clones">Those that a process before this one made, each of which gets a thread; they belong to this object from now on. Null to make them.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="pool">The session's requests.</param>
    /// <param name="dispatcher">Handles them.</param>
    /// <param name="logger">Told what fails.</param>
    public ThreadTransport(
        SafeFileHandle device, IReadOnlyList<SafeFileHandle>? clones, FuseSessionOptions options, FuseRequestPool pool, FuseDispatcher dispatcher, ILogger logger)
    {
        _device = device;
        _logger = logger;
        _threads = new ServingThreads(logger);
        _clones = clones == null ? MakeClones(device, options, logger) : TakeOver(clones, logger);
        SharedMover mover = new(options.ThreadsPerFile == 0 ? int.MaxValue : options.ThreadsPerFile, dispatcher);
        int threadCount = Math.Max(_clones.Count + 1, options.ThreadCount);
        for (int i = 0; i < threadCount; i++)
        {
            DeviceChannel channel = new(i > 0 && i <= _clones.Count ? _clones[i - 1] : device, pool, mover, dispatcher, logger);
            _channels.Add(channel);
            _threads.Add($"fuse-{i}", channel.Serve);
        }
    }

    public FuseTransportKind Kind => FuseTransportKind.Device;

    public Task Completion => _threads.Completion;

    public IReadOnlyList<SafeFileHandle> Clones => _clones;

    public void Start() => _threads.Start();

    public void Dispose()
    {
        // Wakes the threads when the device is a socket; on a real device it fails, and the threads have been woken by the unmount.
        if (!_device.IsClosed && Libc.Shutdown(_device, Libc.ShutdownBoth) < 0 && Marshal.GetLastPInvokeError() is not FuseErrno.ENOTSOCK and int errno)
        {
            FuseLog.DeviceFailed(_logger, errno);
        }

        int left = _threads.Join(Environment.TickCount64 + StopTimeoutMs);
        if (left > 0)
        {
            FuseLog.ThreadsLeft(_logger, left);
        }
        else
        {
            _channels.ForEach(channel => channel.Close());
        }

        _clones.ForEach(clone => clone.Dispose());
    }

    /// <summary>Reads of them did not wait, perhaps.</summary>
    private static List<SafeFileHandle> TakeOver(IReadOnlyList<SafeFileHandle> clones, ILogger logger)
    {
        List<SafeFileHandle> taken = [.. clones];
        taken.ForEach(clone => DeviceClone.SetWaiting(clone, waits: true, logger));
        return taken;
    }

    private static List<SafeFileHandle> MakeClones(SafeFileHandle device, FuseSessionOptions options, ILogger logger)
    {
        List<SafeFileHandle> clones = [];
        while (options.CloneDevice && clones.Count < options.ThreadCount - 1 && DeviceClone.TryMake(device, logger) is { } clone)
        {
            clones.Add(clone);
        }

        return clones;
    }
}
