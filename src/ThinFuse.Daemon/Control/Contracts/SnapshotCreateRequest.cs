namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Takes a snapshot of each volume, all at one instant; all or none.</summary>
/// <param name="Volumes">Names of volumes.</param>
/// <param name="Name">The part after the @, common to all.</param>
public sealed record SnapshotCreateRequest(IReadOnlyList<string> Volumes, string Name);
