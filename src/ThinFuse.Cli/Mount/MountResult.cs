namespace ThinFuse.Cli.Mount;

/// <summary>A pool that is mounted now.</summary>
/// <param name="Pool">The pool directory.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="DaemonPid">The serving process.</param>
/// <param name="AlreadyMounted">Whether it was mounted before this command ran.</param>
internal sealed record MountResult(string Pool, string MountPoint, int? DaemonPid, bool AlreadyMounted);
