using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>Finds which extent each block of a chunk is read from. Lock-free; the caller is inside the reclaim epoch while it uses the answer.</summary>
internal sealed class ChainReader(IExceptionTable table, RestructureLock moves, Func<Volume, Layer[]> chainOf)
{
    /// <summary>Looks up the wanted blocks of a volume from its head down.</summary>
    /// <remarks>
    /// The chain must still be the volume's when the walk has ended. Otherwise a snapshot may have put a new head on it, and a merge may have moved
    /// up into that head, past the walk, what the walk was looking for.
    /// </remarks>
    /// <param name="volume">The volume.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wanted">Blocks to look up.</param>
    /// <param name="blockExtents">16 long: for each wanted block the extent that holds it, or -1 for zeros.</param>
    /// <returns>The wanted blocks that have data.</returns>
    public ushort Resolve(Volume volume, long chunk, ushort wanted, Span<long> blockExtents)
    {
        while (true)
        {
            Layer[] chain = chainOf(volume);
            ushort found = Resolve(chain, chunk, wanted, blockExtents);
            if (IsCurrent(volume, chain))
            {
                return found;
            }
        }
    }

    /// <summary>Whether what was looked up in the chain until now is what the volume holds.</summary>
    public static bool IsCurrent(Volume volume, Layer[] chain)
    {
        Interlocked.MemoryBarrier();
        return ReferenceEquals(volume.Chain, chain);
    }

    /// <summary>Looks up the wanted blocks in layers that stay a volume's own: the caller is inside its gate.</summary>
    /// <param name="chain">Layers, uppermost first.</param>
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
