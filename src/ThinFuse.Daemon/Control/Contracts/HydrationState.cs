using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Whether an external origin is being copied into the pool.</summary>
[JsonConverter(typeof(WireNameConverter<HydrationState>))]
public enum HydrationState
{
    /// <summary>It is not.</summary>
    Off,

    /// <summary>It is.</summary>
    Running,

    /// <summary>It waits to be started again.</summary>
    Paused,

    /// <summary>It met an error, and goes on when it is started again or at the next mount.</summary>
    Failed,

    /// <summary>It waits for space, and goes on by itself when there is some.</summary>
    Waiting,
}
