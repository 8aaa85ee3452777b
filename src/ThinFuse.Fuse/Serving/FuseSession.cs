using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Serving;

/// <summary>Serves one file system over one FUSE connection, from the answer to INIT until the connection ends. Thread-safe.</summary>
public sealed class FuseSession : IDisposable
{
    private const int LeastIdleRequests = 64;

    private readonly SafeFileHandle _device;
    private readonly FuseRequestPool _pool;
    private readonly IFuseTransport _transport;

    private FuseSession(SafeFileHandle device, FuseFileSystem fileSystem, FuseSessionOptions options, ILogger logger)
    {
        _device = device;
        _pool = new FuseRequestPool(IdleRequests(options));
        Notifier = new FuseNotifier(device);
        FuseDispatcher dispatcher = new(fileSystem, new InterruptRouter(_pool), logger);
        (Negotiation, _transport) = TransportChoice.Negotiate(device, options, _pool, dispatcher, logger);
    }

    private FuseSession(FuseConnection connection, FuseFileSystem fileSystem, FuseSessionOptions options, ILogger logger)
    {
        _device = connection.Device;
        _pool = new FuseRequestPool(IdleRequests(options));
        Notifier = new FuseNotifier(_device);
        Negotiation = connection.Negotiation;
        FuseDispatcher dispatcher = new(fileSystem, new InterruptRouter(_pool), logger);
        _transport = DeviceTransport.Make(_device, connection.Clones, options, _pool, dispatcher, logger);
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
            session.Announce(options.OnConnected);
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

    /// <summary>
    /// Goes on with the connection of a process that has ended: has the kernel send again what that process left unanswered, and serves. A connection that
    /// has ended meanwhile makes a session that ends at once.
    /// </summary>
    /// <param name="connection">Its descriptors, which the session owns from now on, also when this call fails. Nobody else may read them.</param>
    /// <param name="fileSystem">What is served: it knows the nodes and handles that the kernel was given.</param>
    /// <param name="options">How to serve; there is a thread for each descriptor.</param>
    /// <param name="logger">As of <see cref="Start"/>.</param>
    /// <exception cref="FuseException">The kernel refused.</exception>
    public static FuseSession Resume(FuseConnection connection, FuseFileSystem fileSystem, FuseSessionOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(fileSystem);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        FuseSession session = new(connection, fileSystem, options, logger);
        try
        {
            fileSystem.OnStarted(session);
            session.Notifier.Resend();
            session._transport.Start();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Prepares the hand-over to a successor, which gets all unanswered requests again: takes no more requests, and waits for handlers at work. Requests that
    /// wait for something are left as they are. Only for a session whose connection is kept.
    /// </summary>
    /// <param name="patience">How long to wait.</param>
    /// <returns>Whether no handler is at work.</returns>
    public bool Leave(TimeSpan patience)
    {
        _pool.Leave();
        return SpinWait.SpinUntil(() => !_pool.AnyBeingHandled(), patience);
    }

    /// <summary>Drops all answers from now on; whoever waits for one gets it from the successor. After <see cref="Leave"/>.</summary>
    public void Silence() => _pool.Silence();

    /// <summary>Requests whose memory is kept, 1 MiB each: as many as usually come and go at once, since memory costs more time than a request does.</summary>
    private static int IdleRequests(FuseSessionOptions options) => Math.Max(LeastIdleRequests, 2 * options.ThreadCount);

    private void Announce(Action<FuseConnection>? onConnected)
    {
        if (onConnected != null && _transport is IDeviceTransport transport && Negotiation.CanResend)
        {
            onConnected(new FuseConnection(_device, transport.Clones, Negotiation));
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
