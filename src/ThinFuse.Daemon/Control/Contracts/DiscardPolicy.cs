using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What becomes of the host's space behind extents that are free.</summary>
[JsonConverter(typeof(WireNameConverter<DiscardPolicy>))]
public enum DiscardPolicy
{
    /// <summary>The pool keeps it.</summary>
    Keep,

    /// <summary>The host gets it back.</summary>
    Passdown,
}
