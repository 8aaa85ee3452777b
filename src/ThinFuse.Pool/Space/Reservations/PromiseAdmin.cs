using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Space.Reservations;

/// <summary>Makes promises to volumes and takes them back. What changes metadata is durable when it returns. Thread-safe.</summary>
internal sealed class PromiseAdmin(PoolCore core)
{
    /// <summary>Changes what is kept ready for a volume.</summary>
    /// <exception cref="PoolException">Usage; NoSpace, when nothing has changed.</exception>
    public void SetPolicy(Volume volume, ReservePolicy policy)
    {
        policy.Validate();
        WithGateClosed(volume, () =>
        {
            Span<byte> buffer = stackalloc byte[EntryWriter.MaxPromiseBytes];
            EntryWriter entry = new(buffer);
            if (!volume.IsDeleted)
            {
                entry.ReservePut(volume.Id, policy);
            }

            VolumePromise promise = volume.Promise with { Policy = policy };
            core.Strict.Require(core.Strict.EmergencyOf(promise) - core.Strict.EmergencyOf(volume.Promise));
            core.Reservations.Change([PromiseChange.To(volume, promise)], entry.Written);
        });
        core.Commit();
    }

    /// <summary>
    /// Promises that the chunks which a range touches can always be written, whatever snapshots are taken: all of it, or nothing changes.
    /// </summary>
    /// <param name="volume">The volume.</param>
    /// <param name="offsetBytes">Begin of the range.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="grows">Whether the volume grows to the end of the range; else the range ends where the volume's last chunk does.</param>
    /// <exception cref="PoolException">NoSpace; Usage: the end is no size for a volume.</exception>
    public void Provision(Volume volume, long offsetBytes, long lengthBytes, bool grows)
    {
        long endBytes = Math.Min(Geometry.MaxVolumeBytes, offsetBytes + lengthBytes);
        WithGateClosed(volume, () =>
        {
            long sizeBytes = volume.Record.SizeBytes;
            Span<byte> buffer = stackalloc byte[EntryWriter.MaxVolumeEntryBytes + EntryWriter.MaxPromiseBytes];
            EntryWriter entries = new(buffer);
            if (grows && endBytes > sizeBytes)
            {
                sizeBytes = endBytes;
                VolumeAdmin.CheckSize(sizeBytes);
                PutGrown(volume, sizeBytes, ref entries);
            }

            ChunkRange chunks = new(
                core.Geometry.ChunkOf(offsetBytes), Math.Min(core.Geometry.ChunksFor(endBytes), core.Geometry.ChunksFor(sizeBytes)));
            VolumePromise promise = volume.Promise;
            if (chunks.Count > 0)
            {
                promise = promise with { Provisioned = promise.Provisioned.With(chunks.First, chunks.End) };
                if (!volume.IsDeleted)
                {
                    entries.ProvisionSet(volume.Id, chunks);
                }
            }

            core.Reservations.Change([new PromiseChange(volume, sizeBytes, promise)], entries.Written);
            SetSizeIfDeleted(volume, sizeBytes);
        });
        core.Commit();
    }

    /// <summary>Takes back the promise for chunks that a discard covers; as durable as the discard.</summary>
    public void Release(Volume volume, long firstChunk, long endChunk)
    {
        if (!volume.Promise.Provisioned.Overlaps(firstChunk, endChunk))
        {
            return;
        }

        WithGateClosed(volume, () =>
        {
            VolumePromise promise = volume.Promise;
            ChunkRanges left = promise.Provisioned.Without(firstChunk, endChunk);
            if (left == promise.Provisioned)
            {
                return;
            }

            Span<byte> buffer = stackalloc byte[EntryWriter.MaxPromiseBytes];
            EntryWriter entry = new(buffer);
            if (!volume.IsDeleted)
            {
                entry.ProvisionClear(volume.Id, new ChunkRange(firstChunk, endChunk));
            }

            core.Reservations.Change([PromiseChange.To(volume, promise with { Provisioned = left })], entry.Written);
        });
    }

    /// <summary>
    /// Grows a volume so that a write past its end falls under its promise, or that of a strict pool. Not durable by itself. No event tells of a refusal:
    /// the first refused write says that the pool is out of space.
    /// </summary>
    /// <exception cref="PoolException">NoSpace: nothing has changed.</exception>
    public void Grow(Volume volume, long sizeBytes)
    {
        void GrowInside()
        {
            if (sizeBytes > volume.Record.SizeBytes)
            {
                Span<byte> buffer = stackalloc byte[EntryWriter.MaxVolumeEntryBytes];
                EntryWriter entry = new(buffer);
                PutGrown(volume, sizeBytes, ref entry);
                core.Reservations.Change([PromiseChange.Size(volume, sizeBytes)], entry.Written);
                SetSizeIfDeleted(volume, sizeBytes);
            }
        }

        WithGateClosed(volume, GrowInside, isTold: false);
    }

    /// <summary><see cref="Grow"/>; false when there is no space for that.</summary>
    public bool TryGrow(Volume volume, long sizeBytes)
    {
        try
        {
            Grow(volume, sizeBytes);
            return true;
        }
        catch (PoolException refusal) when (refusal.Kind == PoolErrorKind.NoSpace)
        {
            // The write is refused, or waits.
            return false;
        }
    }

    /// <summary>Somebody opens the volume for writing, or goes on with it open; what is kept only while it is open is taken now.</summary>
    /// <exception cref="PoolException">NoSpace, or Busy, because somebody else is receiving it: it must not be opened.</exception>
    public void BeginWriting(Volume volume, bool goesOn)
    {
        bool isFirst = false;
        lock (core.MetadataLock)
        {
            if (!goesOn)
            {
                core.Metadata.Transfers.AdmitWriter(volume);
            }

            isFirst = volume.WriterCount == 0 && volume.Promise.Policy.WhenOpen;
            volume.WriterCount += isFirst ? 0 : 1;
        }

        if (isFirst)
        {
            WithGateClosed(volume, () =>
            {
                volume.WriterCount++;
                try
                {
                    core.Reservations.Change([PromiseChange.To(volume, volume.Promise)], []);
                }
                catch
                {
                    volume.WriterCount--;
                    throw;
                }
            });
        }
    }

    /// <summary>Somebody who opened it for writing has closed it.</summary>
    public void EndWriting(Volume volume)
    {
        bool isLast = false;
        lock (core.MetadataLock)
        {
            isLast = volume.WriterCount == 1 && volume.Promise.Policy.WhenOpen;
            volume.WriterCount -= isLast ? 0 : 1;
        }

        if (isLast)
        {
            WithGateClosed(volume, () =>
            {
                volume.WriterCount--;
                core.Reservations.Change([PromiseChange.To(volume, volume.Promise)], []);
            });
        }
    }

    private void PutGrown(Volume volume, long sizeBytes, ref EntryWriter entries)
    {
        core.Strict.Require(core.Strict.Added(volume.Record.SizeBytes, sizeBytes));
        if (!volume.IsDeleted)
        {
            entries.VolumePut(volume.Record with { SizeBytes = sizeBytes, ModifiedAtTicks = DateTime.UtcNow.Ticks });
        }
    }

    private void SetSizeIfDeleted(Volume volume, long sizeBytes)
    {
        if (volume.IsDeleted)
        {
            VolumeRecord record = volume.Record with { SizeBytes = sizeBytes };
            core.Nameless.Keep(record);
            volume.Record = record;
        }
    }

    private void WithGateClosed(Volume volume, Action change, bool isTold = true)
    {
        void ChangeInside()
        {
            volume.Gate.Close();
            try
            {
                lock (core.MetadataLock)
                {
                    change();
                }
            }
            finally
            {
                volume.Gate.Open();
            }
        }

        core.Reservations.Attempt(ChangeInside, isTold);
    }
}
