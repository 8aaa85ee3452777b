using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Transfer;

/// <summary>Gives contents their ids. Thread-safe.</summary>
internal sealed class Contents(PoolCore core, VolumeAdmin admin)
{
    /// <summary>What a snapshot holds; gives it an id, durable when this returns, if it has none.</summary>
    public SnapshotContent Of(string name)
    {
        SnapshotContent content;
        lock (core.MetadataLock)
        {
            Volume volume = admin.Find(name);
            VolumeRecord record = volume.Record;
            if (!volume.IsReadOnly)
            {
                throw new PoolException(
                    PoolErrorKind.Usage,
                    $"{name} can still change, and only what cannot is sent; take a snapshot first: 'thinfuse snapshot create MNT/{name}'");
            }

            if (core.Metadata.Transfers.ContentIdOf(volume.Id) is null)
            {
                Span<byte> buffer = stackalloc byte[32];
                EntryWriter entry = new(buffer);
                entry.ContentIdPut(volume.Id, Guid.NewGuid());
                core.Change(entry.Written);
            }

            content = new SnapshotContent(
                name, core.Metadata.Transfers.ContentIdOf(volume.Id)!.Value, record.SizeBytes, new DateTimeOffset(record.CreatedAtTicks, TimeSpan.Zero));
        }

        core.Commit();
        return content;
    }
}
