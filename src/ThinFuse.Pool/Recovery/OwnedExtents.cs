using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery;

/// <summary>Finds out which extents are owned by reading every exception there is.</summary>
internal static class OwnedExtents
{
    /// <summary>Takes the extents of all exceptions, counts them for their layers, and forgets groups that hold none.</summary>
    /// <exception cref="PoolException">Damaged: an extent has two owners, or does not exist.</exception>
    public static void Take(MetadataState state, IExceptionTable table, ExtentAllocator extents)
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
}
