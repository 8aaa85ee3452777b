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
            Guid token = core.Table.Checkpoint();
            Superblock next = _current with
            {
                Generation = _current.Generation + 1,
                TableToken = token,
                FirstSequence = firstSequence,
                JournalGeneration = journalGeneration,
                BootId = core.Storage.BootId,
            };
            MetadataImage.Write(core.Storage, next.ImageFileName, image);

            // The table may hold changes later than the cut, and so extents whose data is not synced: both become durable here,
            // before anything names them.
            core.Commit();
            Publish(next);
            core.Table.PurgeOtherCheckpoints(token);
            core.Journal.ReleaseBefore(firstSequence);
            DeleteOtherImages(next);
            core.ReleaseFreed();
        }
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

    private void DeleteOtherImages(Superblock keep)
    {
        foreach (string name in core.Storage.List("."))
        {
            if (name.StartsWith(PoolLayout.ImagePrefix, StringComparison.Ordinal) && name != keep.ImageFileName)
            {
                core.Storage.Delete(name);
            }
        }
    }
}
