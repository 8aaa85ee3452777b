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
internal sealed class ThreadTransport(
    SafeFileHandle device, FuseSessionOptions options, FuseRequestPool pool, FuseDispatcher dispatcher, ILogger logger) : IDeviceTransport
{
    private const int StopTimeoutMs = 5000;

    private readonly SafeFileHandle _device = device;
    private readonly FuseSessionOptions _options = options;
    private readonly FuseRequestPool _pool = pool;
    private readonly FuseDispatcher _dispatcher = dispatcher;
    private readonly ILogger _logger = logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Thread> _threads = [];
    private readonly List<DeviceChannel> _channels = [];
    private readonly List<SafeFileHandle> _clones = [];
    private bool _isOpen;
    private int _running;
    private int _failure;

    public FuseTransportKind Kind => FuseTransportKind.Device;

    public Task Completion => _completion.Task;

    public IReadOnlyList<SafeFileHandle> Clones => _clones;

    /// <inheritdoc/>
    public void Open()
    {
        if (_isOpen)
        {
            return;
        }

        List<SafeFileHandle> clones = [];
        while (_options.CloneDevice && clones.Count < _options.ThreadCount - 1 && DeviceClone.TryMake(_device, _logger) is { } clone)
        {
            clones.Add(clone);
        }

        Open(clones, _options.ThreadCount);
    }

    /// <summary>Takes the clones that a process before this one made, and a thread for each. They belong to this object from now on.</summary>
    public void Open(IReadOnlyList<SafeFileHandle> clones)
    {
        foreach (SafeFileHandle clone in clones)
        {
            DeviceClone.SetWaiting(clone, waits: true, _logger);
        }

        Open(clones, Math.Max(clones.Count + 1, _options.ThreadCount));
    }

    public void Start()
    {
        Open();
        _running = _threads.Count;
        _threads.ForEach(thread => thread.Start());
    }

    public void Dispose()
    {
        // Wakes the threads when the device is a socket; on a real device it fails, and the threads have been woken by the unmount.
        if (!_device.IsClosed && Libc.Shutdown(_device, Libc.ShutdownBoth) < 0 && Marshal.GetLastPInvokeError() is not FuseErrno.ENOTSOCK and int errno)
        {
            FuseLog.DeviceFailed(_logger, errno);
        }

        long deadlineMs = Environment.TickCount64 + StopTimeoutMs;
        int left = _threads.Count(thread =>
            thread.IsAlive && thread != Thread.CurrentThread && !thread.Join((int)Math.Max(0, deadlineMs - Environment.TickCount64)));
        if (left > 0)
        {
            FuseLog.ThreadsLeft(_logger, left);
        }
        else
        {
            _channels.ForEach(channel => channel.Close());
        }

        _clones.ForEach(clone => clone.Dispose());
        if (_threads.Count == 0)
        {
            _completion.TrySetResult();
        }
    }

    private void Open(IReadOnlyList<SafeFileHandle> clones, int threadCount)
    {
        _isOpen = true;
        _clones.AddRange(clones);
        SharedMover mover = new(_options.ThreadsPerFile == 0 ? int.MaxValue : _options.ThreadsPerFile, _dispatcher);
        for (int i = 0; i < threadCount; i++)
        {
            DeviceChannel channel = new(i > 0 && i <= clones.Count ? clones[i - 1] : _device, _pool, mover, _dispatcher, _logger);
            _channels.Add(channel);
            _threads.Add(new Thread(() => Run(channel)) { IsBackground = true, Name = $"fuse-{i}" });
        }
    }

    private void Run(DeviceChannel channel)
    {
        int errno = FuseErrno.EIO;
        try
        {
            errno = channel.Serve();
        }
        catch (Exception exception)
        {
            // No handler's exception comes here; this is the transport's own, such as no memory for another buffer.
            FuseLog.ThreadFailed(_logger, exception);
        }

        End(errno);
    }

    private void End(int errno)
    {
        if (errno != 0)
        {
            Volatile.Write(ref _failure, errno);
        }

        if (Interlocked.Decrement(ref _running) > 0)
        {
            return;
        }

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
