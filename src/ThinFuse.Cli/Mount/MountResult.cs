using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>A pool that is mounted now.</summary>
/// <param name="Pool">The pool directory.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="DaemonPid">The serving process.</param>
/// <param name="AlreadyMounted">Whether it was mounted before this command ran.</param>
/// <param name="RestartProtection">Whether the mount outlives the serving process; null when a daemon of an older version serves.</param>
/// <param name="ProtectionObstacle">Why not, in one line; null when it does, when nobody wanted it, or when it was mounted before.</param>
/// <param name="TakenOverFrom">The process that had the pool before and gave it up; null when it was not asked for, or nobody had it.</param>
internal sealed record MountResult(
    string Pool, string MountPoint, int? DaemonPid, bool AlreadyMounted, RestartProtectionState? RestartProtection, string? ProtectionObstacle = null,
    int? TakenOverFrom = null);
