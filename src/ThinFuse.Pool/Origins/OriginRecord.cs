namespace ThinFuse.Pool.Origins;

/// <summary>What the metadata says of the file or device that a bottom layer reads through to.</summary>
/// <param name="Id">The layer it was made with: never reused, and the same when a merge hands the origin on to the layer above.</param>
/// <param name="Path">Absolute.</param>
/// <param name="SizeBytes">The size that the file or device must have.</param>
/// <param name="ModifiedAtTicks">The time of the last change that the file must have, UTC; 0 for a block device, of which none is known.</param>
/// <param name="LimitBytes">How much of it shows, from the start: what lies behind reads as zero, however long it or the volume is.</param>
/// <param name="Hydration">Whether the rest is being copied.</param>
/// <param name="HydratedBytes">Everything before this place is in the pool, or is a hole: the copying goes on here.</param>
/// <param name="BytesPerSecond">How fast it is copied at most; 0 for as fast as it goes.</param>
internal sealed record OriginRecord(
    uint Id, string Path, long SizeBytes, long ModifiedAtTicks, long LimitBytes, HydrationState Hydration, long HydratedBytes, long BytesPerSecond);
