using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Origins;

/// <summary>Volumes on external origins: makes them, points them at another place, and says how they are. Thread-safe.</summary>
internal sealed class OriginAdmin(PoolCore core, VolumeAdmin admin)
{
    private readonly OriginFactory _factory = new(core.Storage);

    /// <summary>
    /// Makes a volume that shows a file or block device until it is written. Durable when it returns. The size is the origin's, rounded up to 512,
    /// unless another is given: what a larger volume has beyond its origin is zero.
    /// </summary>
    /// <exception cref="PoolException">NotFound or Usage: the origin cannot be read, or is empty; Exists: the name is taken.</exception>
    public Volume Create(string name, string path, long? sizeBytes, int permissionBits, ReservePolicy policy)
    {
        (OriginRecord record, IStorageFile file) = _factory.Identify(path);
        bool isPut = false;
        try
        {
            if (record.SizeBytes == 0)
            {
                throw new PoolException(PoolErrorKind.Usage, $"{path} is empty; leave out --origin to make an empty volume");
            }

            long size = sizeBytes ?? (record.SizeBytes + Geometry.SectorBytes - 1) / Geometry.SectorBytes * Geometry.SectorBytes;
            VolumeAdmin.CheckSize(size);
            return admin.Create(name, size, permissionBits, policy, layer =>
            {
                OriginRecord origin = record with { Id = layer, LimitBytes = Math.Min(size, record.SizeBytes) };
                core.Origins.Put(new ExternalOrigin(origin, file, null));
                isPut = true;
                return origin;
            });
        }
        catch
        {
            if (isPut)
            {
                CloseUnused();
            }
            else
            {
                file.Dispose();
            }

            throw;
        }
    }

    /// <summary>
    /// Takes a file or device at another path, or again at the same, for a volume's origin. It must be what the origin was, by size and time of change;
    /// with <paramref name="force"/> it need only be long enough, and what it holds is shown: generations and ids of contents are new then. Durable when it
    /// returns.
    /// </summary>
    /// <exception cref="PoolException">Usage: the volume has no origin, or this is another one.</exception>
    public void Point(Volume volume, string path, bool force)
    {
        (OriginRecord found, IStorageFile file) = _factory.Identify(path);
        ExternalOrigin? before;
        try
        {
            lock (core.MetadataLock)
            {
                Layer bottom = BottomOf(volume.Head);
                OriginRecord origin = bottom.Origin
                    ?? throw new PoolException(PoolErrorKind.Usage, $"{volume.Record.Name} has no external origin, or has let go of it");
                OriginRecord next = force
                    ? origin with { Path = found.Path, SizeBytes = found.SizeBytes, ModifiedAtTicks = found.ModifiedAtTicks }
                    : origin with { Path = found.Path };
                MustFit(origin, file, force);
                if (OriginFactory.DifferenceOf(origin, file) is null)
                {
                    Put(bottom, next);
                }
                else
                {
                    PutOther(bottom, next);
                }

                before = core.Origins.Put(new ExternalOrigin(next, file, null));
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        core.Commit();
        core.Epoch.WaitForGrace();
        before?.Dispose();
    }

    /// <summary>The origin that a volume or snapshot reads through to; null for none. The metadata lock is held.</summary>
    public OriginStatus? StatusOf(Volume volume, out uint id)
    {
        id = 0;
        if (core.Origins.IsEmpty || BottomOf(volume.Head).Origin is not { } origin)
        {
            return null;
        }

        id = origin.Id;
        return new OriginStatus(origin.Path, origin.LimitBytes, origin.HydratedBytes, origin.Hydration, core.Origins.Find(origin.Id)?.Trouble);
    }

    /// <summary>Tells of the origins that cannot be read: once after opening, when there is somebody to hear it.</summary>
    public void TellTroubles()
    {
        foreach (ExternalOrigin origin in core.Origins.All)
        {
            if (origin.Trouble is { } trouble)
            {
                core.Health.Raise(
                    PoolEventKinds.OriginMissing,
                    $"{trouble}; what is not in the pool yet reads as an I/O error until 'thinfuse volume set --origin' finds it");
            }
        }
    }

    /// <summary>Writes an origin's record; the metadata lock is held.</summary>
    public void Put(Layer bottom, OriginRecord origin)
    {
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entry = new(buffer);
        entry.OriginPut(bottom.Id, origin);
        core.Change(entry.Written);
    }

    /// <summary>
    /// Writes the record of an origin that may hold something else than before. What reads through to it may then too: what backups and other pools know of
    /// its content counts no longer.
    /// </summary>
    private void PutOther(Layer bottom, OriginRecord origin)
    {
        Volume[] readers = [.. core.Metadata.Volumes.Where(volume => BottomOf(volume.Head) == bottom)];
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes + (readers.Length * (EntryWriter.GenerationEntryBytes + EntryWriter.ContentIdEntryBytes))];
        EntryWriter entries = new(buffer);
        entries.OriginPut(bottom.Id, origin);
        foreach (Volume reader in readers)
        {
            entries.GenerationPut(reader.Id, Guid.NewGuid());
            if (core.Metadata.Transfers.ContentIdOf(reader.Id) is not null)
            {
                entries.ContentIdPut(reader.Id, Guid.NewGuid());
            }
        }

        core.Change(entries.Written);
    }

    /// <summary>The layer that nothing lies below; the metadata lock is held.</summary>
    public static Layer BottomOf(Layer layer)
    {
        while (layer.Parent is { } parent)
        {
            layer = parent;
        }

        return layer;
    }

    private static void MustFit(OriginRecord origin, IStorageFile file, bool force)
    {
        if (force && file.LengthBytes < origin.LimitBytes)
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"{file.Path} has {file.LengthBytes} bytes, and the volume shows {origin.LimitBytes} of its origin; name the whole of it");
        }

        if (!force && OriginFactory.DifferenceOf(origin, file) is { } difference)
        {
            throw new PoolException(
                PoolErrorKind.Usage,
                $"{file.Path} is not the origin it was: {difference}; put the right one back, or say --force if its content is the same");
        }
    }

    private void CloseUnused()
    {
        lock (core.MetadataLock)
        {
            core.Origins.CloseOthers(core.Metadata.Tree.OriginIds());
        }
    }
}
