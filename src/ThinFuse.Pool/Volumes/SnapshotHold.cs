namespace ThinFuse.Pool.Volumes;

/// <summary>What keeps a snapshot from being deleted.</summary>
/// <param name="Name">Who, or what for.</param>
/// <param name="Since">UTC.</param>
public sealed record SnapshotHold(string Name, DateTimeOffset Since);
