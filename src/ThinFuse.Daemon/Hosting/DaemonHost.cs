using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Server;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Events.Hooks;
using ThinFuse.Daemon.Files;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Daemon.Service;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Serves one pool: its volumes as files on a mount point, and the control API on a socket in the pool directory.</summary>
public static class DaemonHost
{
    /// <summary>How long requests that were taken off the kernel may take to finish after the mount has gone.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the mount ends: by umount, through the control API, or by cancellation. Blocks.</summary>
    /// <remarks>
    /// <para>
    /// Cancellation unmounts. When the mount is in use, it waits a few seconds for its users, and then ends the connection, so that
    /// they get errors; it returns within 10 s, and the time of a checkpoint. Nothing that was acknowledged is lost.
    /// </para>
    /// <para>Whatever goes wrong on the way, what was done is undone: no mount, no socket and no lock are left behind.</para>
    /// </remarks>
    /// <param name="options">Which pool, and where.</param>
    /// <param name="onReady">Called on this thread when files and control API are served. What it throws ends the daemon.</param>
    /// <param name="loggers">Told about events of the pool, and about what goes wrong.</param>
    /// <param name="cancellation">SIGTERM, SIGINT and the like.</param>
    /// <exception cref="PoolException">
    /// One line for people, and a kind: NotFound when the pool or the mount point does not exist, Usage when the mount point is no empty
    /// directory or lies in the pool, Damaged when the pool is.
    /// </exception>
    /// <exception cref="PoolInUseException">Another process has the pool; says which, on what host, mounted where.</exception>
    /// <exception cref="FuseMountException">The mount was refused, in one line.</exception>
    public static void Run(DaemonOptions options, Action onReady, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(onReady);
        ArgumentNullException.ThrowIfNull(loggers);
        ILogger logger = loggers.CreateLogger("ThinFuse.Daemon");
        ProcessSettings.Apply(logger);
        DescriptorLimit.Require();
        using ServiceNotifier service = ServiceNotifier.FromEnvironment(logger);
        string poolDirectory = Path.GetFullPath(options.PoolDirectory);
        using ThinPool pool = ThinPool.Open(poolDirectory, new PoolOpenOptions
        {
            MountPoint = Path.GetFullPath(options.MountPoint),
            TableMemoryBytes = options.TableMemoryBytes,
            Logger = loggers.CreateLogger("ThinFuse.Pool"),
        });
        EventStream events = new();
        using PoolEventFeed feed = new(pool, events);
        using PoolEventLog eventLog = new(pool, loggers.CreateLogger("ThinFuse.Pool"));
        pool.TellMissingOrigins();
        string mountPoint = MountPointCheck.Resolve(options.MountPoint, poolDirectory);

        FileOwner owner = new(UserIds.EffectiveUser(), UserIds.EffectiveGroup(), options.AllowOther);
        using PoolFileSystem files = new(pool, owner, new RequestCounters(), events, loggers.CreateLogger("ThinFuse.Files"));
        FuseMountOptions mountOptions = MountOptionsFor(options, poolDirectory);
        using EventHooks hooks = EventHooks.Start(new HookSettings(poolDirectory, mountPoint), events, loggers.CreateLogger("ThinFuse.Hooks"));
        using (FuseMount mount = FuseMount.Mount(mountPoint, mountOptions, files, loggers.CreateLogger("ThinFuse.Fuse")))
        {
            ServedMount served = new(mount, files, logger);
            using ControlServer control = ControlServer.Start(poolDirectory, new ControlContext(pool, events, served), loggers);
            logger.LogInformation("serving pool {Pool} on {MountPoint}", poolDirectory, mountPoint);
            onReady();
            service.Serving($"serving {poolDirectory} on {mountPoint}", new EngineHealth(pool).Prove, cancellation);
            served.WaitForEnd(cancellation);
            service.Stopping();
        }

        // A write that waits for space is under way as well.
        pool.StopWaitingForSpace();
        if (!files.WaitUntilIdle(DrainPatience))
        {
            logger.LogWarning("requests are still under way; closing the pool all the same");
        }

        logger.LogInformation("closing pool {Pool}", poolDirectory);
    }

    private static FuseMountOptions MountOptionsFor(DaemonOptions options, string poolDirectory) => new()
    {
        Source = poolDirectory,
        AllowOther = options.AllowOther,
        Session = ThreadShares.Apply(options.Threads, new FuseSessionOptions { Transport = options.Transport }),
    };
}
