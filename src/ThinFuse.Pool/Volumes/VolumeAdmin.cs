using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Volumes;

/// <summary>Create, delete, rename, resize, open and close. What changes metadata is durable when it returns. Thread-safe.</summary>
internal sealed class VolumeAdmin(PoolCore core, Discard discard)
{
    /// <summary>Mode bits of a volume that is not told otherwise: 0600.</summary>
    public const int DefaultPermissionBits = 0x180;

    /// <summary>The permission bits that a snapshot does not take over from its volume: 0222.</summary>
    public const int WriteBits = 0x92;

    /// <param name="name">Its name.</param>
    /// <param name="sizeBytes">Its size.</param>
    /// <param name="permissionBits">Its mode bits.</param>
    /// <param name="policy">What is kept ready for it.</param>
    /// <param name="originOf">Makes the external origin that its layer, of the id given, reads through to; null for a volume that begins as zeros.</param>
    public Volume Create(string name, long sizeBytes, int permissionBits, ReservePolicy policy, Func<uint, OriginRecord>? originOf = null)
    {
        if (!VolumeName.IsVolume(name))
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"'{name}' is no volume name; use up to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit");
        }

        CheckSize(sizeBytes);
        policy.Validate();
        Volume? volume = null;
        core.Reservations.Attempt(() => volume = Make(name, sizeBytes, permissionBits, policy, originOf));
        core.Commit();
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.VolumeCreated, name) with { Volume = name, SizeBytes = sizeBytes });
        return volume!;
    }

    private Volume Make(string name, long sizeBytes, int permissionBits, ReservePolicy policy, Func<uint, OriginRecord>? originOf)
    {
        lock (core.MetadataLock)
        {
            MustBeFree(name);
            LayerRecord layer = new(core.Metadata.NextLayerId, 0, long.MaxValue);
            long now = DateTime.UtcNow.Ticks;
            VolumeRecord record = new(
                core.Metadata.NextVolumeId, name, VolumeKind.Volume, layer.Id, sizeBytes, 0, now, now, permissionBits);
            Span<byte> buffer = stackalloc byte[2 * EntryWriter.MaxEntryBytes];
            EntryWriter entries = new(buffer);
            entries.LayerPut(layer);
            if (originOf is not null)
            {
                entries.OriginPut(layer.Id, originOf(layer.Id));
            }

            entries.NewVolumePut(record);
            VolumePromise promise = VolumePromise.None with { Policy = policy };
            core.Strict.Require(core.Geometry.ChunksFor(sizeBytes) + core.Strict.EmergencyOf(promise));
            if (policy == ReservePolicy.None)
            {
                core.Change(entries.Written);
            }
            else
            {
                entries.ReservePut(record.Id, policy);
                core.Reservations.Create(record.Id, name, sizeBytes, promise, entries.Written);
            }

            return core.Metadata.Find(record.Id)!;
        }
    }

    /// <summary>Removes the name; the content goes in the background, after the last handle is closed. Refused while somebody holds it.</summary>
    public void Delete(string name)
    {
        VolumeKind kind;
        lock (core.MetadataLock)
        {
            Volume volume = Find(name);
            volume.MustNotBeHeld();
            kind = volume.Record.Kind;
            if (volume.OpenCount > 0)
            {
                // Before the name goes, so that there is no moment at which a successor finds neither.
                core.Nameless.Keep(volume.Record);
            }

            Span<byte> buffer = stackalloc byte[16];
            EntryWriter entries = new(buffer);
            entries.VolumeRemove(volume.Id);
            core.Change(entries.Written);
            if (volume.OpenCount == 0)
            {
                core.Reservations.Forget(volume);
            }
        }

        core.Commit();
        string happened = kind == VolumeKind.Volume ? PoolEventKinds.VolumeDeleted : PoolEventKinds.SnapshotDeleted;
        core.Health.Raise(PoolEvent.Now(happened, name) with { Volume = name });
        core.ReclaimWanted();
    }

    public void Rename(string from, string to)
    {
        bool isSnapshot;
        lock (core.MetadataLock)
        {
            Volume volume = Find(from);
            isSnapshot = volume.IsSnapshot;
            bool fits = isSnapshot ? VolumeName.IsSnapshot(to) : VolumeName.IsVolume(to);
            if (!fits)
            {
                throw new PoolException(
                    PoolErrorKind.Usage, $"'{to}' is no name for a {(isSnapshot ? "snapshot; use VOLUME@NAME" : "volume; leave out '@' and '/'")}");
            }

            MustBeFree(to);
            Put(volume.Record with { Name = to });
        }

        core.Commit();
        string happened = isSnapshot ? PoolEventKinds.SnapshotRenamed : PoolEventKinds.VolumeRenamed;
        core.Health.Raise(PoolEvent.Now(happened, $"{from} is now {to}") with { Volume = to, PreviousName = from });
    }

    public void Resize(Volume volume, long sizeBytes, bool onlyGrow = false)
    {
        CheckSize(sizeBytes);
        long before = 0;
        core.Reservations.Attempt(() => before = ResizeInGate(volume, sizeBytes, onlyGrow));
        core.Commit();
        if (sizeBytes > before || (sizeBytes < before && !onlyGrow))
        {
            string name = volume.Record.Name;
            core.Health.Raise(PoolEvent.Now(PoolEventKinds.VolumeResized, $"{name} has {sizeBytes} bytes instead of {before}") with
            {
                Volume = name,
                SizeBytes = sizeBytes,
                PreviousSizeBytes = before,
            });
        }
    }

    private long ResizeInGate(Volume volume, long sizeBytes, bool onlyGrow)
    {
        volume.Gate.Close();
        try
        {
            long before = volume.Record.SizeBytes;
            if (sizeBytes < before && !onlyGrow)
            {
                Shrink(volume, sizeBytes, before);
            }
            else if (sizeBytes > before)
            {
                lock (core.MetadataLock)
                {
                    core.Strict.Require(core.Strict.Added(before, sizeBytes));
                    Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
                    EntryWriter entries = new(buffer);
                    PutSize(volume, sizeBytes, ref entries);
                }
            }

            return before;
        }
        finally
        {
            volume.Gate.Open();
        }
    }

    public void SetAttributes(Volume volume, int? permissionBits, DateTimeOffset? modifiedAt)
    {
        lock (core.MetadataLock)
        {
            long ticks = modifiedAt?.UtcTicks ?? volume.ModifiedAtTicks;
            Put(volume, volume.Record with { PermissionBits = permissionBits ?? volume.Record.PermissionBits, ModifiedAtTicks = ticks });
            volume.ModifiedAtTicks = ticks;
        }
    }

    public Volume Open(ulong id)
    {
        lock (core.MetadataLock)
        {
            Volume volume = core.Metadata.FindWithNameless(id) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no volume with id {id}");
            volume.OpenCount++;
            return volume;
        }
    }

    public void Close(Volume volume)
    {
        lock (core.MetadataLock)
        {
            if (--volume.OpenCount != 0 || !volume.IsDeleted)
            {
                return;
            }

            core.Metadata.Forget(volume);
            core.Reservations.Forget(volume);
            core.Nameless.Drop(volume.Id);
        }

        core.ReleaseFreed();
        core.ReclaimWanted();
    }

    /// <summary>Forgets the deleted volumes that were brought back and that nobody has opened since.</summary>
    public void ForgetUnopenedNameless()
    {
        lock (core.MetadataLock)
        {
            foreach (Volume volume in core.Metadata.Nameless.Where(volume => volume.OpenCount == 0).ToArray())
            {
                core.Metadata.Forget(volume);
                core.Nameless.Drop(volume.Id);
            }
        }

        core.ReleaseFreed();
        core.ReclaimWanted();
    }

    /// <summary>The volume of that name; the metadata lock is held.</summary>
    public Volume Find(string name) =>
        core.Metadata.Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool; 'thinfuse volume list' shows what is");

    /// <summary>Refuses a name that is taken; the metadata lock is held.</summary>
    public void MustBeFree(string name)
    {
        if (core.Metadata.Find(name) is not null)
        {
            throw new PoolException(PoolErrorKind.Exists, $"{name} exists already; choose another name or delete it first");
        }
    }

    public static void CheckSize(long sizeBytes)
    {
        if (sizeBytes < 0 || sizeBytes > Geometry.MaxVolumeBytes || sizeBytes % Geometry.SectorBytes != 0)
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"{sizeBytes} bytes is no size for a volume; use a multiple of 512 up to {Geometry.MaxVolumeBytes}");
        }
    }

    /// <summary>
    /// The record is changed before the chunks behind the new end go, and recovery drops what a head layer holds behind its volume's end:
    /// so the cut-off part never comes back, wherever a crash falls. What is left of the end's own block is zeroed first: that may need space, and
    /// nothing has changed if there is none. The gate is closed.
    /// </summary>
    private void Shrink(Volume volume, long sizeBytes, long before)
    {
        long keptChunks = core.Geometry.ChunksFor(sizeBytes);
        long keptEnd = Math.Min(keptChunks << core.Geometry.ChunkShift, before);
        long firstWhole = (sizeBytes + core.Geometry.BlockBytes - 1) / core.Geometry.BlockBytes * core.Geometry.BlockBytes;
        discard.ZeroPart(volume, sizeBytes, Math.Min(firstWhole, keptEnd), WriteManner.GateIsHeld | WriteManner.KeepsSize);
        if (firstWhole < keptEnd)
        {
            discard.PunchWhole(volume, firstWhole, keptEnd, int.MaxValue, out _);
        }

        lock (core.MetadataLock)
        {
            Layer head = volume.Head;
            Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
            EntryWriter entries = new(buffer);
            entries.LayerPut(head.Record with { VisibleChunks = Math.Min(head.Record.VisibleChunks, keptChunks) });
            PutSize(volume, sizeBytes, ref entries);
            volume.RenewMapId();
        }

        discard.PunchWhole(volume, keptChunks << core.Geometry.ChunkShift, before, int.MaxValue, out _);
    }

    /// <summary>Changes the size with the space that is promised for it, and whatever else the entries say; the gate is closed and the metadata lock held.</summary>
    private void PutSize(Volume volume, long sizeBytes, ref EntryWriter entries)
    {
        VolumeRecord record = volume.Record with { SizeBytes = sizeBytes, ModifiedAtTicks = DateTime.UtcNow.Ticks };
        if (volume.IsDeleted)
        {
            core.Nameless.Keep(record);
        }
        else
        {
            entries.VolumePut(record);
        }

        core.Reservations.Change([PromiseChange.Size(volume, sizeBytes)], entries.Written);
        volume.Record = record;
    }

    private void Put(Volume volume, VolumeRecord record)
    {
        if (volume.IsDeleted)
        {
            core.Nameless.Keep(record);
            volume.Record = record;
        }
        else
        {
            Put(record);
        }
    }

    private void Put(VolumeRecord record)
    {
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entries = new(buffer);
        entries.VolumePut(record);
        core.Change(entries.Written);
    }
}
