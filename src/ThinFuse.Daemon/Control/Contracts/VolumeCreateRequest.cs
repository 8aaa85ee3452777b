using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes a volume: empty, or on a file or block device outside of the pool.</summary>
/// <param name="Name">Its name: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,127}</c>.</param>
/// <param name="SizeBytes">Its size, a positive multiple of 512; may exceed the pool's; null for the size of the origin.</param>
public sealed record VolumeCreateRequest(string Name, long? SizeBytes)
{
    /// <summary>What is kept ready for it: <c>none</c>, <c>full</c>, or the bytes of an emergency amount as a decimal number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reserve { get; init; }

    /// <summary>When: <c>always</c>, or while it is <c>open</c> for writing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReserveWhen { get; init; }

    /// <summary>Absolute path of a file or block device that shows through where nothing is written; null for an empty volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OriginPath { get; init; }
}
