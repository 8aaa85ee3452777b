namespace ThinFuse.Pool.Volumes;

/// <summary>What a rollback did.</summary>
/// <param name="Volume">The volume, which now begins where the snapshot is.</param>
/// <param name="Kept">The snapshot that keeps what the volume was; null when that was given up.</param>
public sealed record RollbackOutcome(VolumeInfo Volume, VolumeInfo? Kept);
