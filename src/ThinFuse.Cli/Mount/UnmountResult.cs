namespace ThinFuse.Cli.Mount;

/// <summary>A mount point without a pool.</summary>
/// <param name="Pool">The pool that was mounted; null when none was.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="WasMounted">Whether this command ended a mount.</param>
internal sealed record UnmountResult(string? Pool, string MountPoint, bool WasMounted);
