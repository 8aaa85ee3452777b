using System.Runtime.InteropServices;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Puts a volume back to where a snapshot of it is: its head becomes a fresh layer on top of what the snapshot reads. O(1), one journal record, so that a
/// crash leaves either state. Thread-safe.
/// </summary>
internal sealed class Rollbacks(PoolCore core, VolumeAdmin admin, Snapshots snapshots, JobSet jobs)
{
    /// <summary>Rolls the volume that the snapshot was taken of back to it. Durable when it returns.</summary>
    /// <returns>The volume, and the snapshot that keeps what it was.</returns>
    public (Volume Volume, Volume? Kept) RollBack(string snapshotName, RollbackOptions options)
    {
        if (options.DiscardCurrent && options.KeepAs is not null)
        {
            throw new PoolException(PoolErrorKind.Usage, "the present state is either kept by a name or discarded, not both");
        }

        Volume snapshot;
        Volume volume;
        lock (core.MetadataLock)
        {
            snapshot = admin.Find(snapshotName);
            volume = TargetOf(snapshot);
        }

        Volume? kept = null;
        snapshots.WithGatesClosed([snapshot, volume], () => kept = Replace(volume, snapshot, options));
        core.Commit();
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.VolumeRolledBack, $"{volume.Record.Name} is what {snapshotName} is") with
        {
            Volume = volume.Record.Name,
            Origin = snapshotName,
            SizeBytes = volume.Record.SizeBytes,
        });
        core.ReclaimWanted();
        return (volume, kept);
    }

    /// <summary>The volume that a rollback to the snapshot changes; the metadata lock is held.</summary>
    /// <remarks>
    /// Its own links say so, whatever has been renamed since. Where something in between is deleted, the name says it, if that volume has layers in common
    /// with the snapshot: another volume that got the name later has not.
    /// </remarks>
    public Volume TargetOf(Volume snapshot)
    {
        if (!snapshot.IsSnapshot)
        {
            throw new PoolException(PoolErrorKind.Usage, $"{snapshot.Record.Name} is a volume; a rollback goes to a snapshot, VOLUME@NAME");
        }

        HashSet<ulong> seen = [];
        for (Volume? at = snapshot; at is not null && seen.Add(at.Id); at = core.Metadata.Find(at.Record.OriginId))
        {
            if (!at.IsSnapshot)
            {
                return at;
            }
        }

        string name = snapshot.Record.Name[..snapshot.Record.Name.IndexOf('@')];
        return core.Metadata.Find(name) is { } volume && RootOf(volume) == RootOf(snapshot)
            ? volume
            : throw new PoolException(
                PoolErrorKind.NotFound, $"the volume that {snapshot.Record.Name} was taken of is gone; make a new one with 'thinfuse clone'");
    }

    private static Layer RootOf(Volume volume)
    {
        Layer layer = volume.Head;
        while (layer.Parent is { } below)
        {
            layer = below;
        }

        return layer;
    }

    /// <summary>The change itself; the gates are closed and the metadata lock is held.</summary>
    private Volume? Replace(Volume volume, Volume snapshot, RollbackOptions options)
    {
        if (volume.IsDeleted)
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{volume.Record.Name} was deleted meanwhile");
        }

        core.Metadata.Transfers.MustNotBeReceived(volume);
        MustNotBeInUse(volume, options);
        core.Strict.Require(
            StrictPromise.FrozenBy(snapshot) + StrictPromise.FrozenBy(volume) + core.Strict.Added(volume.Record.SizeBytes, snapshot.Record.SizeBytes));
        ulong keptId = core.Metadata.NextVolumeId;
        uint nextLayer = core.Metadata.NextLayerId;
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes];
        EntryWriter entries = new(buffer);
        long sizeBytes = snapshot.Record.SizeBytes;
        List<PromiseChange> heads = [PromiseChange.FreshHead(volume, sizeBytes)];
        uint frozen = snapshots.Freeze(snapshot, ref entries, ref nextLayer, heads);
        if (!options.DiscardCurrent)
        {
            string keptName = NameFor(volume, options.KeepAs);
            entries.NewVolumePut(Snapshots.Derived(volume, keptId, keptName, VolumeKind.Snapshot, volume.Head.Id));
        }

        entries.LayerPut(new LayerRecord(nextLayer, frozen, core.Geometry.ChunksFor(sizeBytes)));
        entries.NewVolumePut(volume.Record with { HeadLayer = nextLayer, SizeBytes = sizeBytes, ModifiedAtTicks = DateTime.UtcNow.Ticks });
        core.Reservations.Change(CollectionsMarshal.AsSpan(heads), entries.Written);
        return options.DiscardCurrent ? null : core.Metadata.Find(keptId);
    }

    private void MustNotBeInUse(Volume volume, RollbackOptions options)
    {
        string name = volume.Record.Name;
        if (options.DiscardCurrent)
        {
            volume.MustNotBeHeld();
        }

        if (volume.OpenCount != 0 && !options.Force)
        {
            throw new PoolException(
                PoolErrorKind.Busy,
                jobs.Living(volume) is { } job
                    ? $"{name} has job {job.Id} ({job.Kind}) under way; cancel it first ('thinfuse jobs'), or use force"
                    : $"{name} is open; close what uses it (losetup -a, fuser -v), or use force");
        }
    }

    private string NameFor(Volume volume, string? keepAs)
    {
        if (keepAs is not null)
        {
            string wanted = VolumeName.Snapshot(volume.Record.Name, keepAs);
            if (!VolumeName.IsSnapshot(wanted))
            {
                throw new PoolException(PoolErrorKind.Usage, $"'{keepAs}' is no name for a snapshot; leave out '@' and '/', and use at most 128 characters");
            }

            admin.MustBeFree(wanted);
            return wanted;
        }

        return TimeName.Of(DateTime.UtcNow)
            .Select(time => VolumeName.Snapshot(volume.Record.Name, $"before-rollback-{time}"))
            .First(name => core.Metadata.Find(name) is null);
    }
}
