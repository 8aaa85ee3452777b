using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Takes a snapshot of each volume, all at one instant; all or none.</summary>
/// <param name="Volumes">Names of volumes, or of snapshots: a snapshot of vm1@a is one of vm1.</param>
/// <param name="Name">The part after the @, common to all.</param>
/// <param name="Writable">Whether the snapshots can be written to.</param>
public sealed record SnapshotCreateRequest(
    IReadOnlyList<string> Volumes,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Writable = false);
