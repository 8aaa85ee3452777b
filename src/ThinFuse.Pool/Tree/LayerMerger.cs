using System.Runtime.ExceptionServices;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Moves what a layer that nobody names holds up into its only child, chunk by chunk, several chunks at a time, because most of the time goes
/// into waiting for copies. One caller at a time.
/// </summary>
internal sealed class LayerMerger(PoolCore core, int threads)
{
    /// <summary>Groups taken together, after which it looks whether it shall stop.</summary>
    private const int BatchGroups = 64;

    private readonly BlockCopier _copier = new(core);

    /// <summary>Merges a frozen layer into its child, and removes it; unless it is stopped, when what is moved stays moved.</summary>
    public void Merge(Layer parent, CancellationToken stop)
    {
        Layer child = parent.Children[0];
        List<long> batch = new(BatchGroups);
        for (long group = 0; TakeBatch(parent, ref group, batch);)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            MergeBatch(parent, child, batch);
        }

        lock (core.MetadataLock)
        {
            LayerRecord below = parent.Record;
            Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes + 64];
            EntryWriter entries = new(buffer);
            if (parent.Origin is { } origin)
            {
                // Before the parent goes: a walk that finds no parent finds the origin.
                entries.OriginPut(child.Id, origin);
            }

            entries.LayerPut(child.Record with
            {
                ParentId = below.ParentId,
                VisibleChunks = Math.Min(child.Record.VisibleChunks, below.VisibleChunks),
            });
            entries.LayerRemove(parent.Id);
            core.Change(entries.Written);
        }
    }

    private static bool TakeBatch(Layer layer, ref long group, List<long> batch)
    {
        batch.Clear();
        while (batch.Count < BatchGroups && (group = layer.Groups.NextAtOrAfter(group)) >= 0)
        {
            batch.Add(group++);
        }

        return batch.Count != 0;
    }

    private void MergeBatch(Layer parent, Layer child, List<long> groups)
    {
        if (threads == 1)
        {
            groups.ForEach(group => MergeGroup(parent, child, group));
            return;
        }

        try
        {
            Parallel.ForEach(groups, new ParallelOptions { MaxDegreeOfParallelism = threads }, group => MergeGroup(parent, child, group));
        }
        catch (AggregateException several)
        {
            // One failure tells enough, and callers know the storage's and the pool's exceptions.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    private void MergeGroup(Layer parent, Layer child, long group)
    {
        // The parent is frozen and nobody else reclaims: its exceptions are what they are.
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        if (core.Table.GetGroup(parent.Id, group, exceptions))
        {
            for (int i = 0; i < exceptions.Length; i++)
            {
                if (!exceptions[i].IsEmpty)
                {
                    MergeChunk(parent, child, (group * IExceptionTable.GroupChunks) + i, exceptions[i]);
                }
            }
        }

        core.Moves.NoteGroupLeft();
        parent.Groups.Remove(group);
        core.Metadata.Tree.NoteOwnedMoved();
    }

    /// <summary>Merges a chunk; what stands in the way because an extent cannot be written is moved off it first.</summary>
    private void MergeChunk(Layer parent, Layer child, long chunk, ChunkException lower)
    {
        Replacing replacing = new(core.Remaps);
        for (bool isMerged = false; !isMerged;)
        {
            try
            {
                MergeOnce(parent, child, chunk, lower);
                isMerged = true;
            }
            catch (StorageException e) when (replacing.Takes(e))
            {
                // Outside, where nothing is claimed.
            }

            if (!isMerged)
            {
                replacing.Replace(parent, lower.Extent, child, chunk);
                lower = core.Table.Get(parent.Id, chunk);
            }
        }

        // A promised chunk of a head may have got its extent: what was kept for it is free.
        core.SpaceQueue.Serve();
    }

    private void MergeOnce(Layer parent, Layer child, long chunk, in ChunkException lower)
    {
        ChunkClaim claim = core.Pending.ClaimWhole(child, chunk);
        try
        {
            ChunkException upper = claim.Before;
            ushort shown = chunk < child.Record.VisibleChunks ? (ushort)~upper.DecidedBlocks : (ushort)0;
            ushort data = (ushort)(lower.PresentBlocks & shown);
            ushort present = (ushort)(upper.PresentBlocks | data);
            ushort lost = (ushort)(upper.LostBlocks | (lower.LostBlocks & shown));
            bool isBottom = (parent.Parent is null && parent.Origin is null) || chunk >= parent.Record.VisibleChunks;
            ushort zero = isBottom ? (ushort)0 : (ushort)(upper.ZeroBlocks | (lower.ZeroBlocks & shown));
            ChunkException next = present == 0
                ? new ChunkException(-1, 0, zero, upper.Flags, lost)
                : new ChunkException(_copier.BringTogether(upper, lower, data), present, zero, upper.Flags, lost);
            lock (core.Pending.LockOf(child, chunk))
            {
                using MoveScope move = core.Moves.Move(chunk);
                core.Publisher.PublishMove(child, chunk, upper, next, parent, lower);
            }
        }
        finally
        {
            core.Pending.Settle(claim);
        }
    }
}
