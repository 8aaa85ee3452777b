using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Changes a volume; what is null stays.</summary>
/// <param name="SizeBytes">The new size, a positive multiple of 512; what lies beyond a smaller one is gone.</param>
/// <param name="NewName">The new name, which must be free.</param>
public sealed record VolumeUpdateRequest(long? SizeBytes = null, string? NewName = null)
{
    /// <summary>What is kept ready for it: <c>none</c>, <c>full</c>, or the bytes of an emergency amount as a decimal number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reserve { get; init; }

    /// <summary>When: <c>always</c>, or while it is <c>open</c> for writing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReserveWhen { get; init; }

    /// <summary>Absolute path at which its external origin is now; null to leave it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OriginPath { get; init; }

    /// <summary>Whether to take the origin although size or time of change are not what they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Force { get; init; }
}
