using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Changes how a pool behaves; what is not given stays. Durable when it is answered.</summary>
/// <param name="NoSpacePolicy">What a write meets when the pool has no extent for it.</param>
/// <param name="NoSpaceTimeoutMs">How long a write waits for space under the policy queue, milliseconds; 0 for as long as it takes.</param>
public sealed record PoolUpdateRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NoSpacePolicy? NoSpacePolicy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? NoSpaceTimeoutMs = null)
{
    /// <summary>Free space at which low_water is raised: bytes as a decimal number, percent of the pool as in <c>10%</c>, or <c>off</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LowWater { get; init; }

    /// <summary>How much the pool grows by itself at a time, in the same words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AutoExtend { get; init; }

    /// <summary>The size that it does not grow beyond by itself; 0 for as far as the host has room.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxSizeBytes { get; init; }

    /// <summary>What becomes of the host's space behind extents that are free.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DiscardPolicy? DiscardPolicy { get; init; }

    /// <summary>Whether it refuses to promise more than it has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Strict { get; init; }
}
