using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool;

/// <summary>Volumes and snapshots by name: what there is of them, and changes of one.</summary>
public sealed partial class ThinPool
{
    /// <summary>All volumes and snapshots, by name. Exclusive bytes cost in proportion to what the snapshots hold.</summary>
    public IReadOnlyList<VolumeInfo> Volumes(bool withExclusive = true)
    {
        lock (_core.MetadataLock)
        {
            return
            [
                .. _core.Metadata.Volumes.OrderBy(volume => volume.Record.Name, StringComparer.Ordinal)
                    .Select(volume => InfoOf(volume, withExclusive)),
            ];
        }
    }

    /// <summary>By name; null when there is none. Exclusive bytes are left 0.</summary>
    public VolumeInfo? Find(string name)
    {
        lock (_core.MetadataLock)
        {
            return _core.Metadata.Find(name) is { } volume ? InfoOf(volume, false) : null;
        }
    }

    /// <summary>By id; null when it is deleted. Exclusive bytes are left 0 unless asked for.</summary>
    public VolumeInfo? Find(ulong id, bool withExclusive = false)
    {
        lock (_core.MetadataLock)
        {
            return _core.Metadata.Find(id) is { } volume ? InfoOf(volume, withExclusive) : null;
        }
    }

    /// <summary>Makes an empty volume; size 0 to 64 PiB, a multiple of 512.</summary>
    public VolumeInfo CreateVolume(string name, long sizeBytes, int permissionBits = VolumeAdmin.DefaultPermissionBits) =>
        CreateVolume(name, sizeBytes, ReservePolicy.None, permissionBits);

    /// <summary>Makes an empty volume, and keeps space ready for it from the start.</summary>
    /// <exception cref="PoolException">NoSpace: it is not there, and nothing was made.</exception>
    public VolumeInfo CreateVolume(string name, long sizeBytes, ReservePolicy reserve, int permissionBits = VolumeAdmin.DefaultPermissionBits) =>
        Describe(Admin.Create(name, sizeBytes, permissionBits, reserve));

    /// <summary>
    /// Makes a volume that reads through to a file or block device, which is only read, until it is written: copy on write. The origin must not change
    /// while volumes depend on it; when its size or time of change is another at the next opening, reads of it fail.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="originPath">Absolute path of the origin.</param>
    /// <param name="sizeBytes">A multiple of 512; null for the origin's size, rounded up. What lies beyond the origin is zero.</param>
    /// <param name="reserve">What is kept ready for it; null for nothing.</param>
    /// <exception cref="PoolException">NotFound or Usage: the origin cannot be read; NoSpace: what was to be kept ready is not there.</exception>
    public VolumeInfo CreateVolumeOn(string name, string originPath, long? sizeBytes = null, ReservePolicy? reserve = null) =>
        Describe(Origins.Create(name, originPath, sizeBytes, VolumeAdmin.DefaultPermissionBits, reserve ?? ReservePolicy.None));

    /// <summary>
    /// Finds a volume's external origin again, at the same path or another, and for all that share it; durable when it returns.
    /// </summary>
    /// <param name="volume">Name of a volume or snapshot that reads through to it.</param>
    /// <param name="originPath">Absolute path.</param>
    /// <param name="force">Takes it although size or time of change are not what they were: the caller knows that the content is.</param>
    /// <exception cref="PoolException">NotFound; Usage: no origin, or another one.</exception>
    public void PointOrigin(string volume, string originPath, bool force)
    {
        using VolumeHandle handle = OpenByName(volume);
        Origins.Point(handle.Volume, originPath, force);
    }

    /// <summary>
    /// Has the rest of a volume's external origin copied into the pool in the background, for all volumes and snapshots that share it; then it is let go
    /// of and may be removed. Goes on after the next opening. Where it is under way, only its settings are changed.
    /// </summary>
    /// <param name="volume">Name of a volume or snapshot that reads through to it.</param>
    /// <param name="change">Makes the settings: from the present ones, or from those that the last run had.</param>
    /// <exception cref="PoolException">NotFound; Usage: no external origin; Busy: the volume has another job.</exception>
    public JobInfo Hydrate(string volume, Func<JobSettings, JobSettings> change)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Start(handle.Volume, change);
    }

    /// <summary>Changes how a volume's origin is being copied.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is not.</exception>
    public JobInfo ChangeHydration(string volume, Func<JobSettings, JobSettings> change)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Change(handle.Volume, change);
    }

    /// <summary>Ends the copying of a volume's origin; what is copied stays, the rest is read from the origin as before.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is not being copied.</exception>
    public JobInfo StopHydration(string volume)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Stop(handle.Volume);
    }

    /// <summary>Raises an event for every external origin that was not found when the pool was opened.</summary>
    public void TellMissingOrigins() => Origins.TellTroubles();

    /// <summary>Removes a name; its space comes back in the background once no handle is open. Busy when it is a snapshot that somebody holds.</summary>
    public void Delete(string name) => Admin.Delete(name);

    /// <summary>Renames; never onto an existing name.</summary>
    public void Rename(string from, string to) => Admin.Rename(from, to);

    /// <summary>Changes a volume's size; see <see cref="VolumeHandle.Resize"/>.</summary>
    public void Resize(string name, long sizeBytes)
    {
        VolumeInfo info = Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool");
        using VolumeHandle handle = Open(info.Id);
        handle.Resize(sizeBytes);
    }

    /// <summary>Opens a volume or snapshot by id, also one that is deleted and open.</summary>
    public VolumeHandle Open(ulong volumeId) => new(this, Admin.Open(volumeId));

    /// <summary>Lets go of the deleted volumes that were brought back by <see cref="PoolOpenOptions.TakesOver"/> and that have not been opened since.</summary>
    public void ForgetUnopenedNameless() => Admin.ForgetUnopenedNameless();

    private VolumeHandle OpenByName(string name) =>
        Open((Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool")).Id);

    internal VolumeInfo Describe(Volume volume)
    {
        lock (_core.MetadataLock)
        {
            return InfoOf(volume, false);
        }
    }

    private VolumeInfo InfoOf(Volume volume, bool withExclusive)
    {
        VolumeRecord record = volume.Record;
        long allocatedBytes = _space.AllocatedBytes(volume);
        long exclusiveBytes = withExclusive ? _space.ExclusiveBytes(volume) : 0;
        return new VolumeInfo(
            record.Id, record.Name, record.Kind, record.OriginId, record.OriginId == 0 ? null : _core.Metadata.Find(record.OriginId)?.Record.Name,
            record.SizeBytes, allocatedBytes, exclusiveBytes,
            volume.Reservation is { } kept ? (kept.NeededCount + kept.EmergencyCount) << Geometry.ChunkShift : 0,
            new DateTimeOffset(record.CreatedAtTicks, TimeSpan.Zero), new DateTimeOffset(volume.ModifiedAtTicks, TimeSpan.Zero), record.PermissionBits)
        {
            SharedBytes = withExclusive ? Math.Max(0, allocatedBytes - exclusiveBytes) : 0,
            Reserve = volume.Promise.Policy,
            ProvisionedBytes = volume.Promise.Provisioned.Count << Geometry.ChunkShift,
            Generation = volume.Generation,
            Holds = [.. volume.Holds.Select(hold => new SnapshotHold(hold.Key, new DateTimeOffset(hold.Value, TimeSpan.Zero)))],
            ExternalOrigin = Hydration.StatusOf(volume),
        };
    }
}
