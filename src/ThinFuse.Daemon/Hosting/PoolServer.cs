using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Server;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Events.Hooks;
using ThinFuse.Daemon.Files;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Daemon.Service;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Hosting;

/// <summary>One life of a daemon: takes a pool or takes it over, serves it, and closes it or leaves it to a successor.</summary>
internal sealed class PoolServer(DaemonOptions options, ILoggerFactory loggers)
{
    /// <summary>How long requests that were taken off the kernel may take to finish after the mount has gone.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long a successor waits for requests that are being worked on; what takes longer is sent to it again.</summary>
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger("ThinFuse.Daemon");
    private readonly ServerLink? _supervisor = options.Supervisor;
    private readonly RestartProtection _protection = new(options.Supervisor);
    private readonly Stack<IDisposable> _held = new();
    private bool _hasServed = options.Supervisor is { IsSuccessor: true };
    private bool _isHandedOver;
    private ThinPool? _pool;

    /// <summary>See <see cref="DaemonHost.Run"/>.</summary>
    public void Run(Action<ServingState> onReady, CancellationToken cancellation)
    {
        Task life = Task.Factory.StartNew(() => Live(onReady, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (EndWatch.Wait(life, FindObstacle, cancellation) is { } obstacle)
        {
            _supervisor?.SendEnding();
            throw new PoolException(
                PoolErrorKind.Failed,
                $"{options.PoolDirectory} could not be closed, and is left as a crash leaves it, with all that was acknowledged: {obstacle}; see to its disk, and mount again");
        }

        life.GetAwaiter().GetResult();
    }

    /// <summary>What keeps an end that was asked for from coming about: of a pool that is just being opened that cannot be said.</summary>
    private string? FindObstacle() => Volatile.Read(ref _pool) is not { } pool ? "it is still being opened"
        : pool.FindStalledNode() is { } node ? $"{node} does not answer"
        : null;

    private void Live(Action<ServingState> onReady, CancellationToken cancellation)
    {
        bool isOver = false;
        try
        {
            Serve(onReady, cancellation);
            isOver = true;
        }
        finally
        {
            if (!_isHandedOver && (isOver || !_hasServed || !_protection.IsOn))
            {
                while (_held.TryPop(out IDisposable? held))
                {
                    held.Dispose();
                }
            }
        }
    }

    private void Serve(Action<ServingState> onReady, CancellationToken cancellation)
    {
        ProcessSettings.Apply(_logger);
        DescriptorLimit.Require();
        ServiceNotifier service = Hold(ServiceNotifier.FromEnvironment(_logger));
        string poolDirectory = Path.GetFullPath(options.PoolDirectory);
        PoolTenure tenure = Hold(PoolTenure.Begin(poolDirectory, Path.GetFullPath(options.MountPoint), _supervisor));
        ThinPool pool = Hold(OpenPool(poolDirectory, tenure));
        Volatile.Write(ref _pool, pool);
        EventStream events = new(memory: tenure.Memory);
        Hold(new PoolEventFeed(pool, events));
        Hold(new PoolEventLog(pool, loggers.CreateLogger("ThinFuse.Pool")));
        pool.TellMissingOrigins();

        // Nobody answers at a mount point that is taken over: it is not looked at.
        string mountPoint = tenure.MountPoint ?? MountPointCheck.Resolve(options.MountPoint, poolDirectory);
        FileOwner owner = new(UserIds.EffectiveUser(), UserIds.EffectiveGroup(), options.AllowOther);
        PoolFileSystem files = Hold(new PoolFileSystem(
            pool, owner, new RequestCounters(), events, tenure.Memory, loggers.CreateLogger("ThinFuse.Files")));
        if (tenure.Connection is not null)
        {
            files.TakeOver();
        }

        EventHooks hooks = Hold(EventHooks.Start(new HookSettings(poolDirectory, mountPoint), events, loggers.CreateLogger("ThinFuse.Hooks")));
        Hold(new Deferred(() => Drain(pool, files)));
        FuseMount mount = Hold(Mount(mountPoint, poolDirectory, tenure, files));
        ServedMount served = new(mount, files, _protection, _logger);
        ControlServer control = Hold(ControlServer.Start(poolDirectory, new ControlContext(pool, events, served), loggers));
        ReportServing(served, poolDirectory, events, tenure.Ownership, onReady);
        service.Serving($"serving {poolDirectory} on {mountPoint}", new EngineHealth(pool).Prove, cancellation);
        HandOverOrder? order = served.WaitForEnd(cancellation);
        if (order is null)
        {
            service.Stopping();

            // First: whatever fails from here on, a host that has become read-only for instance, is no reason to start another server.
            _supervisor?.SendEnding();
            tenure.Ownership.TellSuccession(false);
        }
        else
        {
            HandOver(order, pool, files, mount, () =>
            {
                control.Dispose();
                hooks.Dispose();
            });
        }
    }

    private T Hold<T>(T held)
        where T : IDisposable
    {
        _held.Push(held);
        return held;
    }

    private ThinPool OpenPool(string poolDirectory, PoolTenure tenure) => ThinPool.Open(poolDirectory, new PoolOpenOptions
    {
        MountPoint = Path.GetFullPath(options.MountPoint),
        Ownership = tenure.Ownership,
        TakesOver = tenure.Connection is not null,
        TableMemoryBytes = options.TableMemoryBytes,
        Logger = loggers.CreateLogger("ThinFuse.Pool"),
    });

    private FuseMount Mount(string mountPoint, string poolDirectory, PoolTenure tenure, PoolFileSystem files)
    {
        ILogger logger = loggers.CreateLogger("ThinFuse.Fuse");
        FuseMountOptions mountOptions = new()
        {
            Source = poolDirectory,
            AllowOther = options.AllowOther,
            Session = ThreadShares.Apply(options.Threads, new FuseSessionOptions
            {
                Transport = options.Protection == RestartProtectionWish.Required ? FuseTransportKind.Device : options.Transport,
                OnConnected = connection =>
                {
                    if (options.Protection != RestartProtectionWish.Off)
                    {
                        _supervisor?.Keep(mountPoint, tenure.Ownership, tenure.Memory.File, connection);
                    }
                },
            }),
        };
        return tenure.Connection is { } connection
            ? FuseMount.Resume(mountPoint, mountOptions, connection, files, logger)
            : FuseMount.Mount(mountPoint, mountOptions, files, logger);
    }

    private void ReportServing(ServedMount served, string poolDirectory, EventStream events, PoolLock ownership, Action<ServingState> onReady)
    {
        string? obstacle = _protection.IsOn || options.Protection == RestartProtectionWish.Off ? null : served.ProtectionObstacle;
        if (obstacle is not null && options.Protection == RestartProtectionWish.Required)
        {
            throw new PoolException(PoolErrorKind.Usage, $"the mount cannot be protected: {obstacle}");
        }

        _protection.MarkServing();
        if (_protection.LastPause is { } pause)
        {
            string message = $"pid {Environment.ProcessId} serves {served.MountPoint} since a pause of {(long)pause.TotalMilliseconds} ms";
            _logger.LogWarning("restarted: {Message}", message);
            events.Append(PoolEvent.Now(PoolEventKinds.ServerRestarted, message) with { Count = _protection.Restarts });
        }

        _logger.LogInformation(
            "serving pool {Pool} on {MountPoint}, restart protection {Protection}", poolDirectory, served.MountPoint, _protection.IsOn ? "on" : $"off: {obstacle}");
        ownership.TellSuccession(_protection.IsOn);
        _supervisor?.SendServing();
        onReady(new ServingState(_protection.IsOn, obstacle));
        _hasServed = true;
        if (_protection.IsOn)
        {
            _supervisor?.WatchForLoss(() =>
            {
                ownership.TellSuccession(false);
                _logger.LogError(
                    "the supervisor of {MountPoint} has ended: serving goes on, but nobody takes over when this process dies; mount again to have that", served.MountPoint);
            });
        }
        else
        {
            _supervisor?.LetGo();
        }
    }

    private void Drain(ThinPool pool, PoolFileSystem files)
    {
        // A write that waits for space is under way as well.
        pool.StopWaitingForSpace();
        if (!files.WaitUntilIdle(DrainPatience))
        {
            _logger.LogWarning("requests are still under way; closing the pool all the same");
        }

        _logger.LogInformation("closing pool {Pool}", pool.Directory);
    }

    /// <summary>
    /// Makes way: what can be done while requests are served is done first. Handles stay open, for the successor, and answers that are not given yet never are:
    /// the successor gets those requests again.
    /// </summary>
    private void HandOver(HandOverOrder order, ThinPool pool, PoolFileSystem files, FuseMount mount, Action stopOthers)
    {
        _logger.LogInformation("handing {MountPoint} over to {Command}", mount.MountPoint, string.Join(' ', order.Command));
        _isHandedOver = true;
        stopOthers();
        pool.Checkpoint();
        long pauseBeganAt = Stopwatch.GetTimestamp();
        bool isIdle = mount.Session.Leave(HandOverPatience);
        mount.Session.Silence();
        pool.StopWaitingForSpace();
        isIdle &= files.WaitUntilIdle(HandOverPatience);
        _supervisor!.HandOver(order with { PauseBeganAt = pauseBeganAt });
        if (isIdle)
        {
            pool.Dispose();
        }
        else
        {
            _logger.LogWarning("requests are still being worked on; the successor recovers the pool as after a crash");
        }
    }
}
