using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Differences;

/// <summary>Where a file's blocks are, for one group of chunks.</summary>
/// <param name="table">The exceptions.</param>
/// <param name="origins">What may lie below the bottom layer.</param>
/// <param name="allBlocks">The blocks that a chunk has.</param>
internal sealed class GroupContent(IExceptionTable table, OriginSet origins, ushort allBlocks)
{
    private const int Chunks = IExceptionTable.GroupChunks;
    private const int Blocks = ChunkException.MaxBlocks;

    private readonly ChunkException[] _exceptions = new ChunkException[Chunks];
    private readonly ushort[] _wanted = new ushort[Chunks];
    private readonly long[] _extents = new long[Chunks * Blocks];

    /// <summary>Layers that were looked into so far.</summary>
    public long LookupCount { get; private set; }

    /// <summary>The extent of each block of a chunk of the group, -1 for zeros, or the external origin's address. An extent has one place for a block: equal extents are equal bytes.</summary>
    public ReadOnlySpan<long> ExtentsOf(int chunkInGroup) => _extents.AsSpan(chunkInGroup * Blocks, Blocks);

    /// <summary>Looks through the layers from a head down. The caller is inside the reclaim epoch, and validates the walk.</summary>
    /// <param name="head">The uppermost layer; null for an empty file.</param>
    /// <param name="endChunk">Chunks from here on are behind the end: zeros, whatever a layer holds.</param>
    /// <param name="group">The group.</param>
    public void Read(Layer? head, long endChunk, long group)
    {
        _extents.AsSpan().Fill(-1);
        _wanted.AsSpan().Clear();
        _wanted.AsSpan(0, (int)Math.Clamp(endChunk - (group * Chunks), 0, Chunks)).Fill(allBlocks);
        for (Layer? layer = head; layer is not null && _wanted.AsSpan().ContainsAnyExcept((ushort)0);)
        {
            // The parent before the limit: a merge lowers the limit before it links past the layer that had it.
            Layer? below = layer.Parent;
            long visible = layer.VisibleChunks - (group * Chunks);
            if (layer.Groups.Contains(group))
            {
                Take(layer, group);
            }

            if (visible < Chunks)
            {
                _wanted.AsSpan((int)Math.Max(0, visible)).Clear();
            }

            if (below is null && layer.Origin is { } origin)
            {
                TakeFromOrigin(origin, group);
            }

            layer = below;
        }
    }

    private void TakeFromOrigin(OriginRecord origin, long group)
    {
        for (int i = 0; i < Chunks; i++)
        {
            origins.TakeWanted(origin, (group * Chunks) + i, _wanted[i], _extents.AsSpan(i * Blocks, Blocks));
        }
    }

    private void Take(Layer layer, long group)
    {
        LookupCount++;
        if (table.GetGroup(layer.Id, group, _exceptions))
        {
            for (int i = 0; i < Chunks; i++)
            {
                ChainReader.TakeWanted(_exceptions[i], ref _wanted[i], _extents.AsSpan(i * Blocks, Blocks));
            }
        }
    }
}
