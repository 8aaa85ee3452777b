using ThinFuse.Pool.Metadata;

namespace ThinFuse.Pool.Volumes;

/// <summary>Holds on snapshots: while there is one, its name cannot be deleted. Durable when a method returns. Thread-safe.</summary>
internal sealed class SnapshotHolds(PoolCore core, VolumeAdmin admin)
{
    /// <summary>Holds on one snapshot at most.</summary>
    public const int MaxHolds = 64;

    /// <summary>Holds a snapshot; to hold it again by the same name changes nothing.</summary>
    public Volume Hold(string snapshot, string by)
    {
        if (!VolumeName.IsVolume(by))
        {
            throw new PoolException(PoolErrorKind.Usage, $"'{by}' is no name of a holder; use up to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit");
        }

        return Change(snapshot, (Volume volume, ref EntryWriter entries) =>
        {
            if (!volume.IsSnapshot)
            {
                throw new PoolException(PoolErrorKind.Usage, $"{snapshot} is a volume; only snapshots are held");
            }

            if (!volume.Holds.ContainsKey(by))
            {
                if (volume.Holds.Count == MaxHolds)
                {
                    throw new PoolException(PoolErrorKind.Failed, $"{snapshot} is held by {MaxHolds} already; release one first");
                }

                entries.HoldPut(volume.Id, by, DateTime.UtcNow.Ticks);
            }
        });
    }

    /// <summary>Ends a hold.</summary>
    public Volume Release(string snapshot, string by) => Change(snapshot, (Volume volume, ref EntryWriter entries) =>
    {
        if (!volume.Holds.ContainsKey(by))
        {
            string holders = volume.Holds.Count == 0 ? "nobody" : string.Join(", ", volume.Holds.Keys);
            throw new PoolException(PoolErrorKind.NotFound, $"{snapshot} is not held by '{by}'; it is held by {holders}");
        }

        entries.HoldRemove(volume.Id, by);
    });

    private delegate void Writer(Volume volume, ref EntryWriter entries);

    private Volume Change(string snapshot, Writer write)
    {
        Volume volume;
        lock (core.MetadataLock)
        {
            volume = admin.Find(snapshot);
            Span<byte> buffer = stackalloc byte[EntryWriter.MaxVolumeEntryBytes];
            EntryWriter entries = new(buffer);
            write(volume, ref entries);
            if (entries.LengthBytes != 0)
            {
                core.Change(entries.Written);
            }
        }

        core.Commit();
        return volume;
    }
}
