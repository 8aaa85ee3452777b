namespace ThinFuse.Pool.Volumes;

/// <summary>What the metadata says of a volume or snapshot.</summary>
internal sealed record VolumeRecord(
    ulong Id, string Name, VolumeKind Kind, uint HeadLayer, long SizeBytes, ulong OriginId, long CreatedAtTicks, long ModifiedAtTicks,
    int PermissionBits);
