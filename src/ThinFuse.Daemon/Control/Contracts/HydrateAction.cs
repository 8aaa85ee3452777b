using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What to do about the copying of an external origin.</summary>
[JsonConverter(typeof(WireNameConverter<HydrateAction>))]
public enum HydrateAction
{
    /// <summary>Begin, or go on.</summary>
    Start,

    /// <summary>Stand still until the next start.</summary>
    Pause,

    /// <summary>End it: what is copied stays, and the rest is read from the origin as before.</summary>
    Stop,
}
