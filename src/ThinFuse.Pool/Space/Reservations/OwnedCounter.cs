using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Space.Reservations;

/// <summary>Counts chunks of a set that a layer owns an extent of. Nothing publishes into the layer meanwhile.</summary>
internal static class OwnedCounter
{
    /// <param name="table">The table.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="chunks">The chunks.</param>
    /// <param name="endChunk">Behind this chunk the layer owns nothing.</param>
    public static long Count(IExceptionTable table, Layer layer, ChunkRanges chunks, long endChunk)
    {
        long count = 0;
        foreach (ChunkRange range in chunks.Ranges)
        {
            count += range.First == 0 && range.End >= endChunk ? layer.OwnedCount : CountIn(table, layer, range);
        }

        return count;
    }

    private static long CountIn(IExceptionTable table, Layer layer, ChunkRange range)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        long count = 0;
        long endGroup = (range.End + IExceptionTable.GroupChunks - 1) / IExceptionTable.GroupChunks;
        long group = range.First / IExceptionTable.GroupChunks;
        while ((group = layer.Groups.NextAtOrAfter(group)) >= 0 && group < endGroup)
        {
            if (table.GetGroup(layer.Id, group, exceptions))
            {
                long first = group * IExceptionTable.GroupChunks;
                int from = (int)Math.Max(0, range.First - first);
                int to = (int)Math.Min(IExceptionTable.GroupChunks, range.End - first);
                for (int i = from; i < to; i++)
                {
                    count += exceptions[i].HasExtent ? 1 : 0;
                }
            }

            group++;
        }

        return count;
    }
}
