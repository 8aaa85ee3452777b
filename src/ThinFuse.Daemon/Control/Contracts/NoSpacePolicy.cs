using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What a write meets when the pool has no extent for it.</summary>
[JsonConverter(typeof(WireNameConverter<NoSpacePolicy>))]
public enum NoSpacePolicy
{
    /// <summary>ENOSPC at once.</summary>
    Error,

    /// <summary>It waits for space, up to the pool's timeout.</summary>
    Queue,
}
