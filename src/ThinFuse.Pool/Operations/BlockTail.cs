using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Operations;

/// <summary>Keeps the rest of a block that a volume ends inside of zero on disk, so that growing needs no I/O.</summary>
internal static class BlockTail
{
    /// <summary>Zeroes the rest of a block if it is not zero.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="extent">The extent the block lies on.</param>
    /// <param name="blockOffsetBytes">Where on the extent.</param>
    /// <param name="usedBytes">Where in the block the volume ends.</param>
    /// <param name="block">An aligned buffer of a block's size.</param>
    public static void Zero(NodeSet nodes, long extent, int blockOffsetBytes, int usedBytes, Span<byte> block)
    {
        (Node node, long offsetBytes) = nodes.Locate(extent);
        node.Read(offsetBytes + blockOffsetBytes, block);
        if (block[usedBytes..].ContainsAnyExcept((byte)0))
        {
            block[usedBytes..].Clear();
            node.Write(offsetBytes + blockOffsetBytes, block);
        }
    }
}
