using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;

namespace ThinFuse.Cli.Engine;

/// <summary>What a daemon serves, where, and how.</summary>
/// <param name="PoolDirectory">The pool directory, absolute, without symbolic links.</param>
/// <param name="MountPoint">An existing empty directory, absolute.</param>
/// <param name="AllowOther">Whether other users may enter the mount.</param>
/// <param name="Transport">How requests reach the daemon.</param>
/// <param name="Threads">Threads that serve requests; null for as many as suit the machine.</param>
/// <param name="TableMemoryBytes">Memory for the exception table; null for what suits most pools.</param>
/// <param name="Protection">Whether the mount is to outlive the process that serves it.</param>
internal sealed record DaemonSettings(
    string PoolDirectory, string MountPoint, bool AllowOther, FuseTransportKind Transport, int? Threads, long? TableMemoryBytes = null,
    RestartProtectionWish Protection = RestartProtectionWish.Automatic)
{
    /// <summary>The supervisor that started this process to serve; null when none did.</summary>
    public ServerLink? Supervisor { get; init; }
}
