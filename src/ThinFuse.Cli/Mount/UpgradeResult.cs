namespace ThinFuse.Cli.Mount;

/// <summary>A mount that another process serves now.</summary>
/// <param name="Pool">The pool directory.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="DaemonPid">The serving process.</param>
/// <param name="PreviousPid">The process that served before.</param>
/// <param name="PauseMs">How long requests waited, milliseconds.</param>
internal sealed record UpgradeResult(string Pool, string MountPoint, int DaemonPid, int PreviousPid, long PauseMs);
