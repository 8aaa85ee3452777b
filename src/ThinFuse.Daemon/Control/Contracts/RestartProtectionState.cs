using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Whether a mount outlives the process that serves it.</summary>
[JsonConverter(typeof(WireNameConverter<RestartProtectionState>))]
public enum RestartProtectionState
{
    /// <summary>When the serving process dies, so does the mount.</summary>
    Off,

    /// <summary>Another process takes over, and users of the mount see a pause.</summary>
    On,
}
