using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Gives back what deleted names held: a leaf layer drops its extents; a layer left with one child merges into it, whole chunks changing owner
/// without I/O, and where both hold blocks of one chunk the smaller part is copied. Nothing of its progress is recorded: what is left to do
/// is plain from the tree, so it goes on after a crash. One thread at a time.
/// </summary>
internal sealed class Reclaimer(PoolCore core) : IDisposable
{
    private readonly AlignedBuffer _copy = new(core.Geometry.BlockBytes);

    /// <summary>Works until nothing is left to reclaim, or it is stopped; then commits, so that the space can be used.</summary>
    public void Run(CancellationToken stop)
    {
        bool any = false;
        while (!stop.IsCancellationRequested && Next() is { } layer)
        {
            any = true;
            if (layer.Children.Count == 0)
            {
                Drop(layer, stop);
            }
            else
            {
                Merge(layer, stop);
            }
        }

        if (any)
        {
            core.Commit();
            core.Epoch.WaitForGrace();
            core.ReleaseFreed();
        }
    }

    /// <summary>Bytes that layers waiting to be reclaimed own.</summary>
    public long OutstandingBytes()
    {
        lock (core.MetadataLock)
        {
            return core.Metadata.Tree.Layers.Where(layer => layer.IsReclaimable).Sum(layer => layer.OwnedCount) * core.Geometry.ChunkBytes;
        }
    }

    public void Dispose() => _copy.Dispose();

    private Layer? Next()
    {
        lock (core.MetadataLock)
        {
            // Leaves first: dropping costs nothing, and what lies below often becomes a leaf.
            Layer? mergeable = null;
            foreach (Layer layer in core.Metadata.Tree.Layers)
            {
                if (layer.IsReclaimable && layer.Children.Count == 0)
                {
                    return layer;
                }

                mergeable ??= layer.IsReclaimable ? layer : null;
            }

            return mergeable;
        }
    }

    private void Drop(Layer layer, CancellationToken stop)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            lock (core.Pending.LockOf(layer, group * IExceptionTable.GroupChunks))
            {
                if (core.Table.GetGroup(layer.Id, group, exceptions))
                {
                    core.Publisher.Drop(layer, group, exceptions);
                }

                layer.Groups.Remove(group);
            }
        }

        lock (core.MetadataLock)
        {
            Span<byte> buffer = stackalloc byte[16];
            EntryWriter entries = new(buffer);
            entries.LayerRemove(layer.Id);
            core.Change(entries.Written);
        }
    }

    private void Merge(Layer parent, CancellationToken stop)
    {
        Layer child = parent.Children[0];
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        for (long group = 0; (group = parent.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            // The parent is frozen and nobody else reclaims: its exceptions are what they are.
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

            parent.Groups.Remove(group);
        }

        lock (core.MetadataLock)
        {
            LayerRecord below = parent.Record;
            Span<byte> buffer = stackalloc byte[64];
            EntryWriter entries = new(buffer);
            entries.LayerPut(child.Record with
            {
                ParentId = below.ParentId,
                VisibleChunks = Math.Min(child.Record.VisibleChunks, below.VisibleChunks),
            });
            entries.LayerRemove(parent.Id);
            core.Change(entries.Written);
        }
    }

    private void MergeChunk(Layer parent, Layer child, long chunk, in ChunkException lower)
    {
        ChunkClaim claim = core.Pending.ClaimWhole(child, chunk);
        try
        {
            ChunkException upper = claim.Before;
            ushort shown = chunk < child.Record.VisibleChunks ? (ushort)~upper.DecidedBlocks : (ushort)0;
            ushort data = (ushort)(lower.PresentBlocks & shown);
            ushort present = (ushort)(upper.PresentBlocks | data);
            bool isBottom = parent.Parent is null || chunk >= parent.Record.VisibleChunks;
            ushort zero = isBottom ? (ushort)0 : (ushort)(upper.ZeroBlocks | (lower.ZeroBlocks & shown));
            ChunkException next = present == 0
                ? ChunkException.ZeroOnly(zero, upper.Flags)
                : new ChunkException(BringTogether(upper, lower, data), present, zero, upper.Flags);
            lock (core.Pending.LockOf(child, chunk))
            {
                core.Moves.BeginMove(chunk);
                try
                {
                    core.Publisher.PublishMove(child, chunk, upper, next, parent, lower);
                }
                finally
                {
                    core.Moves.EndMove(chunk);
                }
            }
        }
        finally
        {
            core.Pending.Settle(claim);
        }
    }

    /// <summary>
    /// Gets the lower layer's shown blocks and the upper layer's blocks into one extent and returns it. Blocks written into the lower extent are
    /// hidden by the upper layer in every state a crash can leave, so no old byte is lost.
    /// </summary>
    private long BringTogether(in ChunkException upper, in ChunkException lower, ushort data)
    {
        if (data == 0)
        {
            return upper.Extent;
        }

        if (!upper.HasExtent)
        {
            return lower.Extent;
        }

        bool copyDown = BitOperations.PopCount(upper.PresentBlocks) < BitOperations.PopCount(data);
        Copy(
            copyDown ? upper.Extent : lower.Extent,
            copyDown ? lower.Extent : upper.Extent,
            copyDown ? upper.PresentBlocks : data);
        return copyDown ? lower.Extent : upper.Extent;
    }

    private void Copy(long from, long to, ushort blocks)
    {
        (Nodes.Node source, long sourceOffset) = core.Nodes.Locate(from);
        (Nodes.Node target, long targetOffset) = core.Nodes.Locate(to);
        for (int rest = blocks; rest != 0; rest &= rest - 1)
        {
            long at = (long)BitOperations.TrailingZeroCount(rest) * core.Geometry.BlockBytes;
            source.Read(sourceOffset + at, _copy.Span);
            target.Write(targetOffset + at, _copy.Span);
        }
    }
}
