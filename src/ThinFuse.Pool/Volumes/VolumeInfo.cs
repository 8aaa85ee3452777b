using ThinFuse.Pool.Origins;

namespace ThinFuse.Pool.Volumes;

/// <summary>A volume or snapshot at one moment.</summary>
/// <param name="Id">Never reused; stable across renames. From 1.</param>
/// <param name="Name">File name, such as vm1 or vm1@monday.</param>
/// <param name="Kind">Volume or snapshot.</param>
/// <param name="OriginId">Id of what it was made from; 0 for none.</param>
/// <param name="Origin">Name of what it was made from, if that still exists.</param>
/// <param name="SizeBytes">Logical size.</param>
/// <param name="AllocatedBytes">Bytes of extents it reads through, own and shared, at most its size rounded up to chunks.</param>
/// <param name="ExclusiveBytes">What deleting it would give back.</param>
/// <param name="ReservedBytes">Space kept ready for it now.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ModifiedAt">Last write or change of size known, UTC.</param>
/// <param name="PermissionBits">Mode bits, such as 0600.</param>
public sealed record VolumeInfo(
    ulong Id, string Name, VolumeKind Kind, ulong OriginId, string? Origin, long SizeBytes, long AllocatedBytes, long ExclusiveBytes,
    long ReservedBytes, DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt, int PermissionBits)
{
    /// <summary>What it reads through and deleting it would not give back; left 0 where the exclusive bytes are.</summary>
    public long SharedBytes { get; init; }

    /// <summary>What is kept ready for it.</summary>
    public ReservePolicy Reserve { get; init; } = ReservePolicy.None;

    /// <summary>Bytes of the chunks that can always be overwritten, whatever the policy.</summary>
    public long ProvisionedBytes { get; init; }

    /// <summary>The file or device that shows through where nothing is written yet; null for none.</summary>
    public OriginStatus? ExternalOrigin { get; init; }

    /// <summary>Whether writes are refused with EROFS.</summary>
    public bool IsReadOnly => Kind == VolumeKind.Snapshot;

    /// <summary>Whether it is named like a snapshot, VOLUME@NAME.</summary>
    public bool IsSnapshot => Kind != VolumeKind.Volume;

    /// <summary>
    /// A random id, new whenever the content stops going on from what it was: when it is made, rolled back, flattened, or becomes a clone of another. As long as it
    /// stays the same, what changed since a snapshot of it can be told.
    /// </summary>
    public Guid Generation { get; init; }

    /// <summary>Who keeps it from being deleted, by name.</summary>
    public IReadOnlyList<SnapshotHold> Holds { get; init; } = [];
}
