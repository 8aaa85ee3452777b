using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>How much a volume or snapshot holds, and how much of that is its alone. The metadata lock is held.</summary>
internal sealed class SpaceUse(PoolCore core)
{
    /// <summary>Extents in all layers it reads through, at most as many as its size has chunks.</summary>
    public long AllocatedBytes(Volume volume)
    {
        long extents = volume.Head.OwnedCount + core.Metadata.Tree.OwnedBelow(volume.Head);
        return Math.Min(extents, core.Geometry.ChunksFor(volume.Record.SizeBytes)) * core.Geometry.ChunkBytes;
    }

    /// <summary>Sum of the sizes of all volumes that can be written, each rounded up to chunks.</summary>
    public long PromisedBytes() => core.Metadata.Volumes.Where(volume => !volume.IsReadOnly)
        .Sum(volume => core.Geometry.ChunksFor(volume.Record.SizeBytes) << core.Geometry.ChunkShift);

    /// <summary>Extents of layers that one name reads through, and of those that several do. Costs what the tree has layers.</summary>
    public (long Exclusive, long Shared) OwnedExtents()
    {
        HashSet<Layer> once = [];
        HashSet<Layer> shared = [];
        foreach (Layer head in core.Metadata.Tree.Layers)
        {
            for (int name = 0; name < Math.Min(2, head.NameCount); name++)
            {
                // Below a layer that is shared all are.
                for (Layer? at = head; at is not null && !shared.Contains(at); at = at.Parent)
                {
                    _ = once.Remove(at) ? shared.Add(at) : once.Add(at);
                }
            }
        }

        return (once.Sum(layer => layer.OwnedCount), shared.Sum(layer => layer.OwnedCount));
    }

    /// <summary>What would come back if its name were deleted and the background had finished.</summary>
    public long ExclusiveBytes(Volume volume)
    {
        Layer head = volume.Head;
        if (head.NameCount != 1 || head.Children.Count > 1)
        {
            return 0;
        }

        if (head.Children.Count == 1)
        {
            return MergeGain(head, head.Children[0]) * core.Geometry.ChunkBytes;
        }

        // A leaf goes whole; what lies below, if nameless and left with one other child, would merge into that one.
        long extents = head.OwnedCount;
        Layer child = head;
        while (child.Parent is { NameCount: 0 } parent)
        {
            if (parent.Children.Count == 2)
            {
                extents += MergeGain(parent, parent.Children[0] == child ? parent.Children[1] : parent.Children[0]);
            }

            if (parent.Children.Count != 1)
            {
                break;
            }

            extents += parent.OwnedCount;
            child = parent;
        }

        return extents * core.Geometry.ChunkBytes;
    }

    /// <summary>Extents that merging a layer into a child gives back: the hidden ones, and one of two where both hold shown blocks of a chunk.</summary>
    private long MergeGain(Layer parent, Layer child)
    {
        Span<ChunkException> lower = stackalloc ChunkException[IExceptionTable.GroupChunks];
        Span<ChunkException> upper = stackalloc ChunkException[IExceptionTable.GroupChunks];
        long gain = 0;
        for (long group = 0; (group = parent.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            core.Table.GetGroup(parent.Id, group, lower);
            core.Table.GetGroup(child.Id, group, upper);
            for (int i = 0; i < lower.Length; i++)
            {
                bool isCutOff = (group * IExceptionTable.GroupChunks) + i >= child.Record.VisibleChunks;
                bool isHidden = isCutOff || BitOperations.PopCount((uint)(lower[i].PresentBlocks & ~upper[i].DecidedBlocks)) == 0;
                gain += lower[i].HasExtent && (isHidden || upper[i].HasExtent) ? 1 : 0;
            }
        }

        return gain;
    }
}
