using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Moves the starting point of recovery forward: table checkpoint, image, commit, superblock, and only then lets go of what the old superblock
/// named. One at a time; writes go on beside it, but for the moment of the cut.
/// </summary>
internal sealed class Checkpointer(PoolCore core, Superblock current, long journalGeneration)
{
    private readonly Lock _one = new();
    private Superblock _current = current;

    /// <summary>Takes a checkpoint.</summary>
    /// <exception cref="StorageException">It could not be written; the one before still counts, and the journal goes on.</exception>
    public void Run()
    {
        lock (_one)
        {
            core.Health.ThrowIfFailed();
            (byte[] image, long firstSequence) = Cut();
            Complete(image, Next(firstSequence, core.Table.Checkpoint()));
        }
    }

    /// <summary>
    /// Says that the pool is open again, after it was closed in order and nothing of it has changed: the table's checkpoint is still the right one. Call
    /// before anything is journalled.
    /// </summary>
    public void Reopen()
    {
        lock (_one)
        {
            (byte[] image, long firstSequence) = Cut();
            Complete(image, Next(firstSequence, _current.TableToken));
        }
    }

    /// <summary>
    /// Takes the last checkpoint and closes the journal: nothing changes while it does, and nothing can be journalled afterwards, so that the next opening
    /// has no journal to read and no table to go through.
    /// </summary>
    /// <exception cref="StorageException">It could not be written; the next opening recovers as after a crash.</exception>
    public void Close()
    {
        lock (_one)
        {
            core.Health.ThrowIfFailed();
            lock (core.MetadataLock)
            {
                core.Pending.LockAll();
                try
                {
                    (byte[] image, long firstSequence) = Cut();
                    Superblock last = Next(firstSequence, core.Table.Checkpoint()) with { IsClosed = true };
                    WriteOwnership(last);
                    Complete(image, last);
                }
                finally
                {
                    core.Journal.Dispose();
                    core.Pending.UnlockAll();
                }
            }
        }
    }

    /// <summary>The next opening does without where the host has no room.</summary>
    private void WriteOwnership(Superblock last)
    {
        try
        {
            MetadataImage.WriteFile(core.Storage, last.OwnershipFileName, OwnershipFile.Capture(core, last));
        }
        catch (StorageException e) when (e.IsNoSpace)
        {
            core.Health.Raise(PoolEventKinds.MetadataLow, $"the next opening reads the whole table, for the host has no room to say what is in it: {e.Message}");
        }
    }

    private Superblock Next(long firstSequence, Guid token) => _current with
    {
        Generation = _current.Generation + 1,
        TableToken = token,
        FirstSequence = firstSequence,
        JournalGeneration = journalGeneration,
        BootId = core.Storage.BootId,
        IsClosed = false,
    };

    private void Complete(byte[] image, Superblock next)
    {
        bool hasNewTable = next.TableToken != _current.TableToken;
        MetadataImage.Write(core.Storage, next, image);

        // The table may hold changes later than the cut, and so extents whose data is not synced: both become durable here,
        // before anything names them.
        core.Commit();
        Publish(next);
        if (hasNewTable)
        {
            core.Table.PurgeOtherCheckpoints(next.TableToken);
        }

        core.Journal.ReleaseBefore(next.FirstSequence);
        DeleteOthers(next);
        core.ReleaseFreed();
    }

    private (byte[] Image, long FirstSequence) Cut()
    {
        lock (core.MetadataLock)
        {
            core.Pending.LockAll();
            try
            {
                return (MetadataImage.Capture(core.Metadata), core.Journal.LastSequence + 1);
            }
            finally
            {
                core.Pending.UnlockAll();
            }
        }
    }

    private void Publish(Superblock next)
    {
        try
        {
            next.Write(core.Storage);
        }
        catch (Exception e)
        {
            // Either superblock may be the one on disk now; acknowledging more could promise what the other does not know.
            core.Health.Fail(e);
            throw;
        }

        _current = next;
    }

    /// <summary>
    /// Removes what earlier superblocks name, for good: were the newest one damaged later, no older one, which knows nothing of what came since, must pass
    /// for the pool.
    /// </summary>
    private void DeleteOthers(Superblock keep)
    {
        foreach (string name in core.Storage.List("."))
        {
            bool isOtherImage = name.StartsWith(PoolLayout.ImagePrefix, StringComparison.Ordinal) && name != keep.ImageFileName;
            bool isOtherOwnership = name.StartsWith(PoolLayout.OwnershipPrefix, StringComparison.Ordinal) && name != keep.OwnershipFileName;
            if (isOtherImage || isOtherOwnership)
            {
                core.Storage.Delete(name);
            }
        }

        core.Storage.SyncDirectory(".");
    }
}
