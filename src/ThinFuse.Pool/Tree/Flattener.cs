using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Makes a volume hold all that it shows by itself: copies what lies below up into its own layer, chunk by chunk beside its users, and then cuts the layer
/// off from what is below. Thread-safe.
/// </summary>
/// <remarks>
/// That a volume is being flattened is on record, so that it goes on after the next opening. How far it is is not, and need not be: a chunk that is copied is
/// the volume's own, and is passed over. The record ends with the cut, in one change.
/// </remarks>
internal sealed class Flattener(PoolCore core, VolumeAdmin admin, Allocation allocation, Reclaimer reclaimer, JobSet jobs)
{
    /// <summary>The kind of its jobs.</summary>
    public const string Kind = "flatten";

    private readonly Lock _starting = new();

    /// <summary>Starts to flatten a volume; that it goes on after a crash is durable when this returns.</summary>
    /// <exception cref="PoolException">NotFound; Usage: a snapshot that is not written to; Busy: it has a job; NoSpace: nothing has been copied then.</exception>
    public JobInfo Start(string name, JobSettings settings)
    {
        settings.Validate();
        lock (_starting)
        {
            Volume volume = Open(name);
            try
            {
                jobs.MustBeIdle(volume);
                (long bytes, long extents) = Measure(volume);
                MustHaveRoomFor(extents, name);
                return RememberAndRun(volume, settings, bytes);
            }
            catch
            {
                admin.Close(volume);
                throw;
            }
        }
    }

    /// <summary>Goes on with what was under way when the pool was closed.</summary>
    public void GoOn()
    {
        List<(Volume Volume, JobSettings Settings)> unfinished = [];
        lock (core.MetadataLock)
        {
            foreach (Volume volume in core.Metadata.Volumes.OrderBy(volume => volume.Record.Name, StringComparer.Ordinal))
            {
                if (volume.Flatten is { } settings && jobs.Living(volume) is null)
                {
                    volume.OpenCount++;
                    unfinished.Add((volume, settings));
                }
            }
        }

        unfinished.ForEach(one => Run(one.Volume, one.Settings, totalBytes: null));
    }

    private Volume Open(string name)
    {
        lock (core.MetadataLock)
        {
            Volume volume = admin.Find(name);
            if (volume.IsReadOnly)
            {
                throw new PoolException(PoolErrorKind.Usage, $"{name} is a snapshot and read-only; clone it, and flatten the clone");
            }

            if (volume.Head.Origin is { } origin)
            {
                throw new PoolException(
                    PoolErrorKind.Usage, $"{name} shares with no other volume, but reads through to {origin.Path}; copy that with 'thinfuse volume hydrate'");
            }

            volume.OpenCount++;
            return volume;
        }
    }

    private JobInfo RememberAndRun(Volume volume, JobSettings settings, long totalBytes)
    {
        Remember(volume, settings);
        try
        {
            return Run(volume, settings, totalBytes);
        }
        catch
        {
            Remember(volume, null);
            throw;
        }
    }

    /// <param name="volume">Open; closed when the job has ended.</param>
    /// <param name="settings">How it begins.</param>
    /// <param name="totalBytes">What there is to copy; null has the job find out.</param>
    private JobInfo Run(Volume volume, JobSettings settings, long? totalBytes) => jobs.Start(new JobPlan(Kind, volume, job => Work(volume, job, totalBytes))
    {
        TotalBytes = totalBytes ?? 0,
        Settings = settings,
        Remember = next => Remember(volume, next),
        Cancelled = () => Remember(volume, null),
        Ended = () => admin.Close(volume),
    });

    private void Work(Volume volume, Job job, long? totalBytes)
    {
        while (true)
        {
            job.SetTotal(job.Info.DoneBytes + (totalBytes ?? Measure(volume).Bytes));
            Layer head = volume.Head;
            CopyAll(volume, head, job);
            if (TryCut(volume, head, job.Stopping))
            {
                return;
            }

            // A snapshot has frozen that layer meanwhile, or a rollback has left it: what the volume shows has to be copied into its new one.
            totalBytes = null;
        }
    }

    /// <summary>Puts on record how a volume is being flattened, or that it is no longer; durable when it returns.</summary>
    private void Remember(Volume volume, JobSettings? settings)
    {
        lock (core.MetadataLock)
        {
            // A deleted volume has no record that it could be on.
            if (volume.IsDeleted)
            {
                return;
            }

            Span<byte> buffer = stackalloc byte[EntryWriter.FlattenEntryBytes];
            EntryWriter entry = new(buffer);
            entry.FlattenPut(volume.Id, settings);
            core.Change(entry.Written);
        }

        core.Commit();
    }

    private void CopyAll(Volume volume, Layer head, Job job)
    {
        for (long chunk = 0; volume.Head == head && (chunk = NextBelow(volume, chunk)) >= 0; chunk++)
        {
            job.Advance(CopyUp(volume, chunk, job));
        }
    }

    /// <summary>Copies a chunk, as soon as there is space for it.</summary>
    private long CopyUp(Volume volume, long chunk, Job job)
    {
        long copiedBytes = 0;
        try
        {
            job.DoWithSpace(core.SpaceQueue.Spare, () => !volume.IsDeleted, () =>
            {
                MustExist(volume);
                copiedBytes = allocation.CopyUp(volume, chunk);
            });
        }
        catch (StorageException e)
        {
            throw new PoolException(PoolErrorKind.Failed, $"{volume.Record.Name} offset {chunk << core.Geometry.ChunkShift}: {e.Message}", e);
        }

        return copiedBytes;
    }

    /// <summary>What there is to copy, and how many extents that takes.</summary>
    private (long Bytes, long Extents) Measure(Volume volume)
    {
        Span<long> sources = stackalloc long[ChunkException.MaxBlocks];
        long blocks = 0;
        long extents = 0;
        for (long chunk = 0; (chunk = NextBelow(volume, chunk)) >= 0; chunk++)
        {
            long epoch = core.Epoch.Enter();
            try
            {
                ChunkException own = core.Table.Get(volume.Head.Id, chunk);
                ushort found = core.Chains.Resolve(volume, chunk, core.Geometry.AllBlocks, sources);
                int missing = BitOperations.PopCount((uint)(found & ~(own.PresentBlocks | own.LostBlocks)));
                blocks += missing;
                extents += missing != 0 && !own.HasExtent && volume.Head.PromisedTo(chunk) is null ? 1 : 0;
            }
            finally
            {
                core.Epoch.Exit(epoch);
            }
        }

        return (blocks * core.Geometry.BlockBytes, extents);
    }

    /// <summary>The next chunk in which a layer below the volume's own has something that may be shown; -1 when there is none.</summary>
    private long NextBelow(Volume volume, long chunk)
    {
        Layer head = volume.Head;
        long end = Math.Min(core.Geometry.ChunksFor(volume.Record.SizeBytes), head.VisibleChunks);
        return head.Parent is { } below ? core.Chains.NextChunkWithRecords(below, chunk, end) : -1;
    }

    /// <summary>
    /// Cuts the layer off; false when it is not the volume's own any more. No merge is under way meanwhile: it would go on moving what lies below up into a
    /// layer that no longer hides it.
    /// </summary>
    private bool TryCut(Volume volume, Layer head, CancellationToken stop)
    {
        reclaimer.Turn.Wait(stop);
        try
        {
            volume.Gate.Close();
            try
            {
                lock (core.MetadataLock)
                {
                    MustExist(volume);
                    if (volume.Head != head)
                    {
                        return false;
                    }

                    Cut(volume, head);
                }
            }
            finally
            {
                volume.Gate.Open();
            }
        }
        finally
        {
            reclaimer.Turn.Release();
        }

        core.Commit();
        core.ReclaimWanted();
        return true;
    }

    private void Cut(Volume volume, Layer head)
    {
        bool isShared = head.Parent is not null || volume.Record.OriginId != 0;
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entries = new(buffer);
        if (isShared)
        {
            entries.LayerPut(head.Record with { ParentId = 0 });
            entries.NewVolumePut(volume.Record with { OriginId = 0, ModifiedAtTicks = volume.ModifiedAtTicks });
        }

        entries.FlattenPut(volume.Id, null);
        core.Change(entries.Written);
        if (isShared)
        {
            // From now on the resolved map is not told of its changes: there is nothing below.
            volume.RenewMapId();
            core.Metadata.Tree.NoteOwnedMoved();
        }
    }

    private void MustHaveRoomFor(long extents, string name)
    {
        if (extents > core.Extents.FreeCount)
        {
            core.TryReturnSpace((int)Math.Min(int.MaxValue, extents));
        }

        long free = core.Extents.FreeCount;
        if (extents > free)
        {
            int shift = core.Geometry.ChunkShift;
            throw new PoolException(
                PoolErrorKind.NoSpace, $"flattening {name} takes {extents << shift} bytes and {free << shift} are free; grow the pool, or delete something");
        }
    }

    private static void MustExist(Volume volume)
    {
        if (volume.IsDeleted)
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{volume.Record.Name} was deleted meanwhile");
        }
    }
}
