namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Asks the daemon to drain, commit, unmount and end.</summary>
/// <param name="Lazy">Detach the mount even if files are open, and end when the last is closed. Otherwise open files refuse it:
/// busy.</param>
public sealed record DaemonStopRequest(bool Lazy = false);
