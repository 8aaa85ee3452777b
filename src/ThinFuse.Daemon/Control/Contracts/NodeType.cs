using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What a node is made of.</summary>
[JsonConverter(typeof(WireNameConverter<NodeType>))]
public enum NodeType
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A block device.</summary>
    Block,
}
