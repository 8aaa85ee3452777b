using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Space;

/// <summary>
/// Keeps a strict pool from promising more than it has. A volume's head may come to own as many extents as its size has chunks, what is frozen stays, and
/// emergency amounts are kept from others: as long as all of that fits, no write inside a volume's size is ever refused for want of an extent. The metadata
/// lock is held.
/// </summary>
internal sealed class StrictPromise(PoolCore core)
{
    private long _arrivingCount;

    /// <summary>Extents that everything could come to need. Costs what the tree has layers.</summary>
    public long PromisedCount => core.Metadata.Tree.Layers.Sum(layer =>
        layer.Writer is { } volume ? core.Geometry.ChunksFor(volume.Record.SizeBytes) : layer.OwnedCount)
        + core.Metadata.Volumes.Sum(volume => EmergencyOf(volume.Promise)) + _arrivingCount;

    /// <summary>Extents that stay with the frozen layer when a volume gets a fresh head; its gate is closed.</summary>
    public static long FrozenBy(Volume volume) => volume.IsReadOnly ? 0 : volume.Head.OwnedCount;

    /// <summary>Chunks that a change of size adds; below 0 when it takes some back.</summary>
    public long Added(long beforeBytes, long afterBytes) => core.Geometry.ChunksFor(afterBytes) - core.Geometry.ChunksFor(beforeBytes);

    /// <summary>Extents of an emergency amount, whether its volume is open or not.</summary>
    public long EmergencyOf(VolumePromise promise) => promise.EmergencyCount(core.Geometry, writers: 1);

    /// <summary>Refuses a change that promises so many extents more, where the pool is strict and does not have them. Nothing has changed yet.</summary>
    /// <exception cref="PoolException">NoSpace.</exception>
    public void Require(long addedCount)
    {
        if (addedCount > 0 && core.Metadata.Settings.IsStrict)
        {
            MustFit(addedCount);
        }
    }

    /// <summary>Counts an extent that a frozen layer is about to get, until <see cref="EndArrival"/>: it was promised to nobody.</summary>
    /// <exception cref="PoolException">NoSpace.</exception>
    public void BeginArrival()
    {
        Require(1);
        _arrivingCount++;
    }

    /// <summary>The layer has its extent, or does not get it.</summary>
    public void EndArrival() => _arrivingCount--;

    /// <summary>Refuses to be strict where more is promised already.</summary>
    /// <exception cref="PoolException">NoSpace.</exception>
    public void MustFit(long addedCount = 0)
    {
        long missingCount = PromisedCount + addedCount - core.Extents.TotalCount;
        if (missingCount > 0)
        {
            throw new PoolException(
                PoolErrorKind.NoSpace,
                $"a strict pool promises no more than it has, and {missingCount << core.Geometry.ChunkShift} bytes are missing for that; grow the pool, or delete or shrink something");
        }
    }
}
