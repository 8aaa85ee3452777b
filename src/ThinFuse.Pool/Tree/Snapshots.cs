using System.Runtime.InteropServices;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Snapshots and clones: freeze the head layer and put a fresh one on top of it for the volume; a read-only snapshot reads the frozen layer
/// itself. O(1), whatever the size. Thread-safe.
/// </summary>
internal sealed class Snapshots(PoolCore core, VolumeAdmin admin)
{
    /// <summary>Snapshots or clones that one call makes at most: all of them at one instant, and durable all or none.</summary>
    public const int MaxAtOnce = 10_000;

    /// <summary>Snapshots of several volumes at one instant, frozen or with a layer of their own to write to. Durable when it returns.</summary>
    public IReadOnlyList<Volume> Create(IReadOnlyList<(string Volume, string Snapshot)> pairs, bool writable = false)
    {
        foreach ((string volume, string snapshot) in pairs)
        {
            if (!VolumeName.IsSnapshot(snapshot))
            {
                throw new PoolException(PoolErrorKind.Usage, $"'{snapshot}' is no snapshot name; use VOLUME@NAME");
            }
        }

        if (pairs.Count > MaxAtOnce || pairs.DistinctBy(pair => pair.Volume).Count() != pairs.Count)
        {
            throw new PoolException(PoolErrorKind.Usage, $"name each volume once, and at most {MaxAtOnce} at a time");
        }

        Volume[] origins = [.. pairs.Select(pair => Find(pair.Volume))];
        Volume[] made = new Volume[origins.Length];
        WithGatesClosed(origins, () =>
        {
            foreach ((string _, string snapshot) in pairs)
            {
                admin.MustBeFree(snapshot);
            }

            if (pairs.DistinctBy(pair => pair.Snapshot).Count() != pairs.Count)
            {
                throw new PoolException(PoolErrorKind.Usage, "two snapshots cannot have the same name");
            }

            // One change for all: after a crash they are all there, or none.
            byte[] buffer = new byte[pairs.Count * ((2 * (EntryWriter.LayerEntryBytes + EntryWriter.MaxVolumeEntryBytes)) + EntryWriter.GenerationEntryBytes)];
            EntryWriter entries = new(buffer);
            ulong nextId = core.Metadata.NextVolumeId;
            uint nextLayer = core.Metadata.NextLayerId;
            core.Strict.Require(origins.Sum(origin => StrictPromise.FrozenBy(origin) + (writable ? VisibleChunks(origin) : 0)));
            List<PromiseChange> heads = [];
            for (int i = 0; i < origins.Length; i++)
            {
                uint frozen = Freeze(origins[i], ref entries, ref nextLayer, heads);
                uint head = frozen;
                if (writable)
                {
                    head = nextLayer++;
                    entries.LayerPut(new LayerRecord(head, frozen, VisibleChunks(origins[i])));
                }

                VolumeKind kind = writable ? VolumeKind.WritableSnapshot : VolumeKind.Snapshot;
                entries.NewVolumePut(Derived(origins[i], nextId + (ulong)i, pairs[i].Snapshot, kind, head));
            }

            core.Reservations.Change(CollectionsMarshal.AsSpan(heads), entries.Written);
            for (int i = 0; i < origins.Length; i++)
            {
                made[i] = core.Metadata.Find(nextId + (ulong)i)!;
            }
        });
        core.Commit();
        for (int i = 0; i < made.Length; i++)
        {
            VolumeRecord record = made[i].Record;
            core.Health.Raise(PoolEvent.Now(PoolEventKinds.SnapshotCreated, record.Name) with
            {
                Volume = record.Name,
                Origin = pairs[i].Volume,
                SizeBytes = record.SizeBytes,
            });
        }

        return made;
    }

    /// <summary>
    /// Writable volumes that all begin with the content that another volume or a snapshot has at one instant. Refused, and nothing made, when any name is
    /// taken. Durable when it returns; after a crash they are all there, or none.
    /// </summary>
    public IReadOnlyList<Volume> Clone(string source, IReadOnlyList<string> targets)
    {
        CheckTargets(targets);
        Volume origin = Find(source);
        Volume[] made = new Volume[targets.Count];
        WithGatesClosed([origin], () =>
        {
            foreach (string target in targets)
            {
                admin.MustBeFree(target);
            }

            byte[] buffer = new byte[
                EntryWriter.MaxEntryBytes + (targets.Count * (EntryWriter.LayerEntryBytes + EntryWriter.MaxVolumeEntryBytes + EntryWriter.GenerationEntryBytes))];
            EntryWriter entries = new(buffer);
            uint nextLayer = core.Metadata.NextLayerId;
            ulong nextId = core.Metadata.NextVolumeId;
            core.Strict.Require(StrictPromise.FrozenBy(origin) + (targets.Count * VisibleChunks(origin)));
            List<PromiseChange> heads = [];
            uint frozen = Freeze(origin, ref entries, ref nextLayer, heads);
            for (int i = 0; i < made.Length; i++)
            {
                entries.LayerPut(new LayerRecord(nextLayer, frozen, VisibleChunks(origin)));
                entries.NewVolumePut(Derived(origin, nextId + (ulong)i, targets[i], VolumeKind.Volume, nextLayer++));
            }

            core.Reservations.Change(CollectionsMarshal.AsSpan(heads), entries.Written);
            for (int i = 0; i < made.Length; i++)
            {
                made[i] = core.Metadata.Find(nextId + (ulong)i)!;
            }
        });
        core.Commit();
        RaiseCloned(made[0], source, made.Length == 1 ? targets[0] : $"{targets[0]} to {targets[^1]}, {made.Length} in all,", made.Length);
        return made;
    }

    /// <summary>
    /// Gives an empty volume the content of another, O(1); false when the target is not empty or either was deleted meanwhile. Durable when it
    /// returns.
    /// </summary>
    public bool TryCloneInto(Volume origin, Volume target)
    {
        if (origin == target || target.IsReadOnly)
        {
            return false;
        }

        bool done = false;
        WithGatesClosed([origin, target], () =>
        {
            if (target.Record.SizeBytes != 0 || target.IsDeleted || origin.IsDeleted)
            {
                return;
            }

            Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes * 2];
            EntryWriter entries = new(buffer);
            uint nextLayer = core.Metadata.NextLayerId;
            core.Strict.Require(StrictPromise.FrozenBy(origin) + StrictPromise.FrozenBy(target) + VisibleChunks(origin));
            List<PromiseChange> heads = [PromiseChange.FreshHead(target, origin.Record.SizeBytes)];
            uint frozen = Freeze(origin, ref entries, ref nextLayer, heads);
            entries.LayerPut(new LayerRecord(nextLayer, frozen, VisibleChunks(origin)));
            entries.NewVolumePut(target.Record with
            {
                HeadLayer = nextLayer,
                SizeBytes = origin.Record.SizeBytes,
                OriginId = origin.Id,
                ModifiedAtTicks = DateTime.UtcNow.Ticks,
            });
            core.Reservations.Change(CollectionsMarshal.AsSpan(heads), entries.Written);
            done = true;
        });
        if (done)
        {
            core.Commit();
            core.ReclaimWanted();
            RaiseCloned(target, origin.Record.Name, target.Record.Name, 1);
        }

        return done;
    }

    private void RaiseCloned(Volume first, string source, string names, int count) =>
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.VolumeCloned, $"{names} from {source}") with
        {
            Volume = first.Record.Name,
            Origin = source,
            SizeBytes = first.Record.SizeBytes,
            Count = count,
        });

    private static void CheckTargets(IReadOnlyList<string> targets)
    {
        if (targets.FirstOrDefault(target => !VolumeName.IsVolume(target)) is { } wrong)
        {
            throw new PoolException(PoolErrorKind.Usage, $"'{wrong}' is no volume name; leave out '@' and '/', and use at most 128 characters");
        }

        if (targets.Count is 0 or > MaxAtOnce || targets.Distinct().Count() != targets.Count)
        {
            throw new PoolException(PoolErrorKind.Usage, $"name 1 to {MaxAtOnce} new volumes, each by a name of its own");
        }
    }

    private Volume Find(string name)
    {
        lock (core.MetadataLock)
        {
            return admin.Find(name);
        }
    }

    /// <summary>
    /// Closes the gates of the writable ones, in the order of their ids so that two callers never wait for each other, and runs the change under
    /// the metadata lock. What was acknowledged before is in the frozen layers, what begins afterwards is not.
    /// </summary>
    public void WithGatesClosed(IReadOnlyList<Volume> volumes, Action change) =>
        core.Reservations.Attempt(() => RunWithGatesClosed(volumes, change));

    private void RunWithGatesClosed(IReadOnlyList<Volume> volumes, Action change)
    {
        Volume[] gated = [.. volumes.Where(volume => !volume.IsReadOnly).Distinct().OrderBy(volume => volume.Id)];
        int closed = 0;
        try
        {
            for (; closed < gated.Length; closed++)
            {
                gated[closed].Gate.Close();
            }

            lock (core.MetadataLock)
            {
                change();
            }
        }
        finally
        {
            while (--closed >= 0)
            {
                gated[closed].Gate.Open();
            }
        }
    }

    /// <summary>
    /// The frozen layer that now holds the volume's content; gives the volume a fresh head, unless the head is still empty: then what lies below
    /// it is the content already. Volumes that get one are added to <paramref name="heads"/>, for <see cref="Reservations.Change"/>.
    /// </summary>
    public uint Freeze(Volume origin, ref EntryWriter entries, ref uint nextLayer, List<PromiseChange> heads)
    {
        if (origin.IsDeleted)
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{origin.Record.Name} was deleted meanwhile");
        }

        Layer head = origin.Head;
        if (origin.IsReadOnly)
        {
            return head.Id;
        }

        // A reclaimable parent may be merging into the head at this moment: it must not get a name again.
        bool addsNothing = head.Parent is { IsReclaimable: false } && head.OwnedCount == 0 && head.Groups.IsEmpty
            && head.Record.VisibleChunks >= core.Geometry.ChunksFor(origin.Record.SizeBytes);
        if (addsNothing)
        {
            return head.Parent!.Id;
        }

        LayerRecord fresh = new(nextLayer++, head.Id, VisibleChunks(origin));
        heads.Add(PromiseChange.FreshHead(origin));
        entries.LayerPut(fresh);
        entries.VolumePut(origin.Record with { HeadLayer = fresh.Id, ModifiedAtTicks = origin.ModifiedAtTicks });
        return head.Id;
    }

    /// <summary>What lies behind the origin's end stays hidden when the new volume grows.</summary>
    private long VisibleChunks(Volume origin) => core.Geometry.ChunksFor(origin.Record.SizeBytes);

    public static VolumeRecord Derived(Volume origin, ulong id, string name, VolumeKind kind, uint head) =>
        origin.Record with
        {
            Id = id,
            Name = name,
            Kind = kind,
            HeadLayer = head,
            OriginId = origin.Id,
            CreatedAtTicks = DateTime.UtcNow.Ticks,
            ModifiedAtTicks = origin.ModifiedAtTicks,
            PermissionBits = kind == VolumeKind.Snapshot ? origin.Record.PermissionBits & ~VolumeAdmin.WriteBits : VolumeAdmin.DefaultPermissionBits,
        };
}
