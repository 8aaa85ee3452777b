namespace ThinFuse.Pool.Transfer.Receiving;

/// <summary>What the metadata says of a snapshot that is being received.</summary>
/// <param name="VolumeId">The volume that it is received into, which has a name of its own until it is whole.</param>
/// <param name="Target">The volume that it will be.</param>
/// <param name="Snapshot">The snapshot that it will be, such as vm1@monday.</param>
/// <param name="ContentId">Its content.</param>
/// <param name="BaseId">The content that it began with; empty for nothing.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="SourceCreatedAtTicks">When it was made in the pool that it comes from.</param>
/// <param name="KeptBytes">The offset before which everything has arrived.</param>
internal sealed record ReceiveRecord(
    ulong VolumeId, string Target, string Snapshot, Guid ContentId, Guid BaseId, long SizeBytes, long SourceCreatedAtTicks, long KeptBytes);
