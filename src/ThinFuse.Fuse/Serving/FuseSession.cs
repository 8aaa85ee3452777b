using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Serving;

/// <summary>Serves one file system over one FUSE connection, from the answer to INIT until the connection ends. Thread-safe.</summary>
public sealed class FuseSession : IDisposable
{
    private readonly SafeFileHandle _device;
    private readonly FuseRequestPool _pool;
    private readonly IFuseTransport _transport;

    private FuseSession(SafeFileHandle device, FuseFileSystem fileSystem, FuseSessionOptions options, ILogger logger)
    {
        _device = device;
        _pool = new FuseRequestPool(2 * options.ThreadCount);
        Notifier = new FuseNotifier(device);
        FuseDispatcher dispatcher = new(fileSystem, new InterruptRouter(_pool), logger);
        (Negotiation, _transport) = TransportChoice.Negotiate(device, options, _pool, dispatcher, logger);
    }

    /// <summary>What INIT agreed on.</summary>
    public FuseNegotiation Negotiation { get; }

    /// <summary>How requests travel.</summary>
    public FuseTransportKind Transport => _transport.Kind;

    /// <summary>Tells the kernel what changed behind its back.</summary>
    public FuseNotifier Notifier { get; }

    /// <summary>
    /// Completes when no request can arrive any more: the file system was unmounted, or the connection aborted. Fails with
    /// <see cref="FuseException"/> when the device could not be read for another reason.
    /// </summary>
    public Task Completion => _transport.Completion;

    /// <summary>
    /// Whether the kernel still holds the connection. Ahead of <see cref="Completion"/>, which waits for the threads: the kernel ends a
    /// connection before it gives the mount's device number to another.
    /// </summary>
    internal unsafe bool IsConnected
    {
        get
        {
            PollDescriptor poll = new() { File = (int)_device.DangerousGetHandle() };
            return !_device.IsClosed && Libc.Poll(&poll, 1, 0) == 0;
        }
    }

    /// <summary>Answers INIT and starts to serve.</summary>
    /// <param name="device">
    /// An open, mounted /dev/fuse, or a SEQPACKET socket on whose other end something speaks for the kernel. The session owns it from now on, also when this call fails.
    /// </param>
    /// <param name="fileSystem">What is served.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="logger">Told about exceptions in handlers, refused answers and broken requests.</param>
    /// <returns>The session; requests may have been served before this returns.</returns>
    /// <exception cref="FuseException">
    /// No INIT within the timeout (ETIMEDOUT), a protocol that is too old (EPROTONOSUPPORT), no io_uring where it is demanded (its message says what
    /// to do), or an errno of the device.
    /// </exception>
    public static FuseSession Start(SafeFileHandle device, FuseFileSystem fileSystem, FuseSessionOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(fileSystem);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        FuseSession? session = null;
        try
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(options.ThreadCount, Math.Clamp(options.ThreadCount, 1, 256));
            ArgumentOutOfRangeException.ThrowIfNegative(options.ThreadsPerFile);
            ArgumentOutOfRangeException.ThrowIfNotEqual(options.MaxBackground, Math.Clamp(options.MaxBackground, 1, ushort.MaxValue));
            session = new FuseSession(device, fileSystem, options, logger);
            fileSystem.OnStarted(session);
            session._transport.Start();
            return session;
        }
        catch
        {
            session?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>Blocks until <see cref="Completion"/>, and throws what it failed with.</summary>
    public void Wait() => Completion.GetAwaiter().GetResult();

    /// <summary>Waits for <see cref="Completion"/>.</summary>
    /// <param name="cancellation">Ends the waiting, not the session.</param>
    public Task WaitAsync(CancellationToken cancellation = default) => Completion.WaitAsync(cancellation);

    /// <summary>
    /// Ends a session over a socket, and waits for its threads. Over /dev/fuse the mount is undone first, since nothing else wakes a thread that reads the device:
    /// a thread that still waits is left behind after a while, and closes its descriptor when it wakes.
    /// Answers given later are dropped. Not to be called from a handler.
    /// </summary>
    public void Dispose()
    {
        _transport.Dispose();
        _pool.Dispose();
        _device.Dispose();
    }
}
