using System.Numerics;
using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Tree;

/// <summary>Finds which extent each block of a chunk is read from. Lock-free; the caller is inside the reclaim epoch while it uses the answer.</summary>
internal sealed class ChainReader(IExceptionTable table, RestructureLock moves)
{
    /// <summary>Looks up the wanted blocks from the head down.</summary>
    /// <param name="chain">Layers, head first.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wanted">Blocks to look up.</param>
    /// <param name="blockExtents">16 long: for each wanted block the extent that holds it, or -1 for zeros.</param>
    /// <returns>The wanted blocks that have data.</returns>
    public ushort Resolve(ReadOnlySpan<Layer> chain, long chunk, ushort wanted, Span<long> blockExtents)
    {
        while (true)
        {
            long sequence = moves.BeginWalk(chunk);
            ushort found = Walk(chain, chunk, wanted, blockExtents);
            if (moves.WalkIsValid(chunk, sequence))
            {
                return found;
            }
        }
    }

    private ushort Walk(ReadOnlySpan<Layer> chain, long chunk, ushort wanted, Span<long> blockExtents)
    {
        blockExtents[..ChunkException.MaxBlocks].Fill(-1);
        ushort found = 0;
        foreach (Layer layer in chain)
        {
            ChunkException exception = table.Get(layer.Id, chunk);
            ushort here = (ushort)(wanted & exception.PresentBlocks);
            found |= here;
            for (int rest = here; rest != 0; rest &= rest - 1)
            {
                blockExtents[BitOperations.TrailingZeroCount(rest)] = exception.Extent;
            }

            wanted &= (ushort)~exception.DecidedBlocks;
            if (wanted == 0 || chunk >= layer.Record.VisibleChunks)
            {
                break;
            }
        }

        return found;
    }
}
