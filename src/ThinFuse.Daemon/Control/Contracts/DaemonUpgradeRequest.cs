namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Asks the daemon to make way for another program, which goes on with the mount.</summary>
/// <param name="Command">The program, and what stands before its arguments: absolute paths of existing files.</param>
public sealed record DaemonUpgradeRequest(IReadOnlyList<string> Command);
