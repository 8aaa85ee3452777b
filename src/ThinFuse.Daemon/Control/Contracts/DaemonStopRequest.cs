using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Asks the daemon to drain, commit, unmount and end.</summary>
/// <param name="Lazy">Detach the mount even if files are open, and end when the last is closed. Otherwise open files refuse it:
/// busy.</param>
/// <param name="TakenOverBy">Who takes the pool over, for the log; null when nobody does. Then a mount in use is ended by force, as by SIGTERM.</param>
public sealed record DaemonStopRequest(
    bool Lazy = false, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TakenOverBy = null);
