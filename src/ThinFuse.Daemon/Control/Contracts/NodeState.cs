using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>How a node is.</summary>
[JsonConverter(typeof(WireNameConverter<NodeState>))]
public enum NodeState
{
    /// <summary>It serves.</summary>
    Online,

    /// <summary>It does not answer; what is on it waits.</summary>
    Stalled,

    /// <summary>An I/O to it failed for good.</summary>
    Failed,
}
