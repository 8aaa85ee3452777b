using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>Moves a write's bytes to the nodes with blocking I/O on the caller's thread, merging edges and realigning what O_DIRECT would refuse.</summary>
internal sealed class WriteMover(PoolCore core, BounceBuffers bounces)
{
    private readonly ReadOperation _edgeReader = new(core, bounces);

    /// <summary>Writes all data to the nodes, on this thread.</summary>
    /// <exception cref="StorageException">A node refused; abort.</exception>
    public unsafe void Move(Volume volume, WritePlan plan, ReadOnlySpan<byte> data)
    {
        foreach (ref readonly EdgeBlock edge in plan.Edges)
        {
            MoveEdge(volume, plan, edge, data);
        }

        // Pinned: a managed buffer that moved between the look at its address and the I/O would be refused by O_DIRECT.
        fixed (byte* pinned = data)
        {
            MoveSegments(plan, data, (nuint)pinned);
        }
    }

    private void MoveSegments(WritePlan plan, ReadOnlySpan<byte> data, nuint address)
    {
        foreach (ref readonly Segment segment in plan.Segments)
        {
            ReadOnlySpan<byte> source = data.Slice(segment.BufferOffsetBytes, segment.LengthBytes);
            if (SegmentList.IsAligned(segment.Node!, segment, address))
            {
                segment.Node!.Write(segment.FileOffsetBytes, source);
            }
            else
            {
                WriteThroughBounce(segment.Node!, segment.FileOffsetBytes, source);
            }
        }
    }

    /// <summary>
    /// Writes all data, also where a write has failed before, no two extents in one I/O; returns the chunks whose extents cannot be written.
    /// </summary>
    /// <exception cref="StorageException">It was something else: an edge could not be read, the host is full.</exception>
    public List<(long Chunk, long Extent)> MoveApart(Volume volume, WritePlan plan, ReadOnlySpan<byte> data)
    {
        List<(long Chunk, long Extent)> bad = [];
        foreach (ref readonly EdgeBlock edge in plan.Edges)
        {
            try
            {
                MoveEdge(volume, plan, edge, data);
            }
            catch (StorageException e) when (e.BadExtent >= 0)
            {
                Note(e.BadExtent, plan, bad);
            }
        }

        foreach (ref readonly Segment segment in plan.Segments)
        {
            for (int done = 0, take; done < segment.LengthBytes; done += take)
            {
                long at = segment.FileOffsetBytes + done;
                int inChunk = (int)((at - Node.DataStartBytes) & (core.Geometry.ChunkBytes - 1));
                take = Math.Min(segment.LengthBytes - done, core.Geometry.ChunkBytes - inChunk);
                try
                {
                    WriteThroughBounce(segment.Node!, at, data.Slice(segment.BufferOffsetBytes + done, take));
                }
                catch (StorageException e) when (e.BadExtent >= 0)
                {
                    Note(e.BadExtent, plan, bad);
                }
            }
        }

        return bad;
    }

    private static void Note(long extent, WritePlan plan, List<(long Chunk, long Extent)> bad)
    {
        foreach (ref readonly ChunkClaim claim in plan.Claims)
        {
            if (claim.Extent == extent && !bad.Contains((claim.Chunk, extent)))
            {
                bad.Add((claim.Chunk, extent));
            }
        }
    }

    /// <summary>Zeroes the rest of a block on its extent, if it is not zero.</summary>
    public void ZeroRest(long extent, int blockOffsetBytes, int usedBytes)
    {
        AlignedBuffer bounce = bounces.Rent();
        try
        {
            BlockTail.Zero(core.Nodes, extent, blockOffsetBytes, usedBytes, bounce.Span[..core.Geometry.BlockBytes]);
        }
        finally
        {
            bounces.Return(bounce);
        }
    }

    private void MoveEdge(Volume volume, WritePlan plan, in EdgeBlock edge, ReadOnlySpan<byte> data)
    {
        AlignedBuffer bounce = bounces.Rent();
        try
        {
            Span<byte> block = bounce.Span[..core.Geometry.BlockBytes];
            ReadBlock(volume, edge.BlockOffsetBytes, block);
            data.Slice(edge.BufferOffsetBytes, edge.LengthBytes).CopyTo(block[edge.SkipBytes..]);
            (Node node, long nodeOffset) = core.Nodes.Locate(plan.Claims[edge.Claim].Extent);
            node.Write(nodeOffset + (edge.BlockOffsetBytes & (core.Geometry.ChunkBytes - 1)), block);
        }
        finally
        {
            bounces.Return(bounce);
        }
    }

    /// <summary>The block as a reader sees it now; it may lie partly behind the end of the volume, where it is zero.</summary>
    private void ReadBlock(Volume volume, long offsetBytes, Span<byte> block)
    {
        try
        {
            int lengthBytes = _edgeReader.Map(volume, offsetBytes, block.Length);
            block[lengthBytes..].Clear();
            _edgeReader.Move(block[..lengthBytes]);
        }
        finally
        {
            _edgeReader.Finish();
        }
    }

    private void WriteThroughBounce(Node node, long offsetBytes, ReadOnlySpan<byte> source)
    {
        AlignedBuffer bounce = bounces.Rent();
        try
        {
            while (!source.IsEmpty)
            {
                int take = Math.Min(source.Length, bounce.LengthBytes);
                source[..take].CopyTo(bounce.Span);
                node.Write(offsetBytes, bounce.Span[..take]);
                source = source[take..];
                offsetBytes += take;
            }
        }
        finally
        {
            bounces.Return(bounce);
        }
    }
}
