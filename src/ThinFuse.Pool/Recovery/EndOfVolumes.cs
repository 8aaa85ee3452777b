using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Restores what holds of every writable volume: behind its end there is nothing, and the rest of its last block is zero. A shrink that a crash cut
/// short is finished, and what a write past the end left behind is undone, before anything can grow over it.
/// </summary>
internal static class EndOfVolumes
{
    /// <summary>
    /// Drops whole chunks behind the ends from the table; whether there were any. Not journalled: the checkpoint that follows holds it.
    /// </summary>
    public static bool DropChunksBehind(MetadataState state, IExceptionTable table, RecoveredChanges changes, Geometry geometry)
    {
        bool any = false;
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        foreach (Volume volume in state.Volumes.Concat(state.Nameless).Where(volume => !volume.IsReadOnly))
        {
            long end = geometry.ChunksFor(volume.Record.SizeBytes);
            for (long group = end / IExceptionTable.GroupChunks; (group = volume.Head.Groups.NextAtOrAfter(group)) >= 0; group++)
            {
                table.GetGroup(volume.Head.Id, group, exceptions);
                long first = group * IExceptionTable.GroupChunks;
                for (int i = 0; i < exceptions.Length; i++)
                {
                    if (first + i >= end && !exceptions[i].IsEmpty)
                    {
                        changes.Put(volume.Head.Id, first + i, default);
                        any = true;
                    }
                }
            }
        }

        changes.Flush();
        return any;
    }

    /// <summary>Zeroes the rest of a last block that the end lies inside of: a write in place past the end may have got that far and no further.</summary>
    /// <returns>Volumes for which that could not be done, because the disk is bad there, and why.</returns>
    public static IReadOnlyList<(Volume Volume, StorageException Reason)> ZeroBehind(
        MetadataState state, IExceptionTable table, Geometry geometry, NodeSet nodes)
    {
        List<(Volume Volume, StorageException Reason)> failed = [];
        using AlignedBuffer block = new(geometry.BlockBytes);
        foreach (Volume volume in state.Volumes.Concat(state.Nameless).Where(volume => !volume.IsReadOnly))
        {
            int used = (int)(volume.Record.SizeBytes & (geometry.ChunkBytes - 1));
            int usedInBlock = used % geometry.BlockBytes;
            if (usedInBlock != 0)
            {
                ChunkException last = table.Get(volume.Head.Id, geometry.ChunkOf(volume.Record.SizeBytes));
                if ((last.PresentBlocks & (1 << (used / geometry.BlockBytes))) != 0)
                {
                    try
                    {
                        BlockTail.Zero(nodes, last.Extent, used - usedInBlock, usedInBlock, block.Span);
                    }
                    catch (StorageException e) when (e.IsMediumError || e.IsBadPlace)
                    {
                        // A bad place keeps nobody from opening the pool: reading it is an error, and it alone.
                        failed.Add((volume, e));
                    }
                }
            }
        }

        return failed;
    }
}
