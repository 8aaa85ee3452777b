using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Which pool is served where, and how.</summary>
public sealed record DaemonOptions
{
    /// <summary>The pool directory.</summary>
    public required string PoolDirectory { get; init; }

    /// <summary>An empty directory, not in the pool, that the volumes appear in.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Whether users other than the mounting one reach the mount, as far as permission bits let them.</summary>
    public bool AllowOther { get; init; }

    /// <summary>How requests reach the daemon; by default over io_uring where the kernel has that and allows it.</summary>
    public FuseTransportKind Transport { get; init; } = FuseTransportKind.Automatic;

    /// <summary>The supervisor that started this process and will start its successor; null when there is none.</summary>
    public ServerLink? Supervisor { get; init; }

    /// <summary>Whether the mount is to outlive this process; only with a <see cref="Supervisor"/>.</summary>
    public RestartProtectionWish Protection { get; init; }

    /// <summary>How many threads handle requests that may block: 1 to 256.</summary>
    public int Threads { get; init; } = 16;

    /// <summary>Memory for the exception table, bytes; see <see cref="PoolOpenOptions.TableMemoryBytes"/>.</summary>
    public long TableMemoryBytes { get; init; } = new PoolOpenOptions().TableMemoryBytes;
}
