using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What a rollback did.</summary>
/// <param name="Volume">The volume, as it is now.</param>
/// <param name="Kept">The snapshot that keeps what it was; null when that was given up.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record RollbackResponse(VolumeResponse Volume, VolumeResponse? Kept);
