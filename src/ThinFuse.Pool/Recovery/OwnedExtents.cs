using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery;

/// <summary>Finds out which extents are owned by reading every exception there is.</summary>
internal static class OwnedExtents
{
    /// <summary>Takes the extents of all exceptions, counts them for their layers, and forgets groups that hold none.</summary>
    /// <param name="state">The layers.</param>
    /// <param name="table">Their exceptions.</param>
    /// <param name="extents">Where they are taken.</param>
    /// <param name="keepsConflicts">Whether an extent may have two owners, of which the first counts, or not exist.</param>
    /// <exception cref="PoolException">Damaged: an extent has two owners, or does not exist.</exception>
    public static void Take(MetadataState state, IExceptionTable table, ExtentAllocator extents, bool keepsConflicts = false)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        foreach (Layer layer in state.Tree.Layers)
        {
            for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
            {
                if (!table.GetGroup(layer.Id, group, exceptions))
                {
                    layer.Groups.Remove(group);
                    continue;
                }

                if (keepsConflicts)
                {
                    TakeEach(layer, exceptions, extents);
                    continue;
                }

                int taken = extents.TryTake(exceptions, out long conflicting);
                if (conflicting >= 0)
                {
                    throw new PoolException(
                        PoolErrorKind.Damaged,
                        $"extent {conflicting} of layer {layer.Id} is owned twice or does not exist; restore the pool's metadata");
                }

                layer.AddOwned(taken);
            }
        }
    }

    private static void TakeEach(Layer layer, ReadOnlySpan<ChunkException> exceptions, ExtentAllocator extents)
    {
        for (int i = 0; i < exceptions.Length; i++)
        {
            layer.AddOwned(extents.TryTake(exceptions.Slice(i, 1), out _));
        }
    }
}
