using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Changes how a pool behaves; what is not given stays. Durable when it is answered.</summary>
/// <param name="NoSpacePolicy">What a write meets when the pool has no extent for it.</param>
/// <param name="NoSpaceTimeoutMs">How long a write waits for space under the policy queue, milliseconds; 0 for as long as it takes.</param>
public sealed record PoolUpdateRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NoSpacePolicy? NoSpacePolicy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? NoSpaceTimeoutMs = null);
