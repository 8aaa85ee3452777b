using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Serves one pool: its volumes as files on a mount point, and the control API on a socket in the pool directory.</summary>
public static class DaemonHost
{
    /// <summary>
    /// Serves until the mount ends: by umount, through the control API, or by cancellation; or until a successor is asked for, which then has the mount. Blocks.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Cancellation unmounts. When the mount is in use, it waits a few seconds for its users, and then ends the connection, so that
    /// they get errors; it returns within 10 s, and the time of a checkpoint. Nothing that was acknowledged is lost. Where a node does not answer, it returns
    /// within 10 s by an exception: the pool is as after a crash, threads of this process still wait for the node, and the process must end.
    /// </para>
    /// <para>
    /// Whatever goes wrong on the way, what was done is undone: no mount, no socket and no lock are left behind. Unless the mount is protected and has served:
    /// then it is left to the successor, as if this process had been killed, and the process must end.
    /// </para>
    /// </remarks>
    /// <param name="options">Which pool, and where.</param>
    /// <param name="onReady">Called when files and control API are served. What it throws ends the daemon.</param>
    /// <param name="loggers">Told about events of the pool, and about what goes wrong.</param>
    /// <param name="cancellation">SIGTERM, SIGINT and the like.</param>
    /// <exception cref="PoolException">
    /// One line for people, and a kind: NotFound when the pool or the mount point does not exist, Usage when the mount point is no empty
    /// directory or lies in the pool, or when it cannot be protected and must be, Damaged when the pool is; Failed when a node did not answer to the end.
    /// </exception>
    /// <exception cref="PoolInUseException">Another process has the pool; says which, on what host, mounted where.</exception>
    /// <exception cref="FuseMountException">The mount was refused, in one line.</exception>
    public static void Run(DaemonOptions options, Action<ServingState> onReady, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(onReady);
        ArgumentNullException.ThrowIfNull(loggers);
        new PoolServer(options, loggers).Run(onReady, cancellation);
    }
}
