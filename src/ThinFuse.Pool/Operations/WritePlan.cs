using System.Numerics;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>What a write holds and where its bytes go: claims chunk by chunk, then the pieces that follow from them. Reused with its operation.</summary>
internal sealed class WritePlan(PoolCore core)
{
    private readonly SegmentList _segments = new();
    private readonly EdgeBlock[] _edges = new EdgeBlock[2];
    private ChunkClaim[] _claims = new ChunkClaim[20];
    private int _claimCount;
    private int _edgeCount;
    private long _offsetBytes;
    private int _lengthBytes;

    /// <summary>The claims held, in ascending order of chunks.</summary>
    public ReadOnlySpan<ChunkClaim> Claims => _claims.AsSpan(0, _claimCount);

    /// <summary>Whole blocks, and parts of blocks that are there already.</summary>
    public ReadOnlySpan<Segment> Segments => _segments.All;

    /// <summary>Blocks to read, merge and write whole: at most the first and the last.</summary>
    public ReadOnlySpan<EdgeBlock> Edges => _edges.AsSpan(0, _edgeCount);

    /// <summary>Where the write ends on the volume.</summary>
    public long EndBytes => _offsetBytes + _lengthBytes;

    /// <summary>Most chunks that the range touches.</summary>
    public int ChunkCount => (int)(core.Geometry.ChunkOf(EndBytes - 1) - core.Geometry.ChunkOf(_offsetBytes)) + 1;

    /// <summary>Whether all data may go straight from a buffer at the address.</summary>
    public bool IsDirect(nuint address) => _edgeCount == 0 && _segments.AreAligned(address);

    /// <summary>Extents that are held for chunks which had none and were promised none.</summary>
    public int TakenCount
    {
        get
        {
            int count = 0;
            foreach (ref readonly ChunkClaim claim in Claims)
            {
                count += claim.Before.HasExtent || claim.Layer.PromisedTo(claim.Chunk) is not null ? 0 : 1;
            }

            return count;
        }
    }

    /// <summary>Whether it brings blocks that the volume's own layer did not have.</summary>
    public bool HasNewBlocks
    {
        get
        {
            foreach (ref readonly ChunkClaim claim in Claims)
            {
                if ((claim.Exclusive & ~claim.Before.PresentBlocks) != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Begins a plan for a range of at least one byte; nothing is held.</summary>
    public void Begin(long offsetBytes, int lengthBytes)
    {
        _offsetBytes = offsetBytes;
        _lengthBytes = lengthBytes;
        if (ChunkCount > _claims.Length)
        {
            Array.Resize(ref _claims, ChunkCount);
        }
    }

    /// <summary>Claims chunk after chunk and makes the pieces; after a conflict it goes on where it stopped.</summary>
    /// <param name="volume">The volume, whose head layer is written.</param>
    /// <param name="address">Where the data is in memory.</param>
    /// <param name="source">Where extents for chunks that are not promised may be taken from.</param>
    /// <param name="waiter">Resumed after a conflict.</param>
    public ClaimOutcome Claim(Volume volume, nuint address, ExtentSource source, IParked waiter)
    {
        Geometry geometry = core.Geometry;
        long first = geometry.ChunkOf(_offsetBytes);
        long last = geometry.ChunkOf(EndBytes - 1);
        nuint alignment = (nuint)core.Nodes.AlignmentBytes;
        bool mustMerge = (((nuint)_offsetBytes | (nuint)_lengthBytes | address) & (alignment - 1)) != 0;
        while (first + _claimCount <= last)
        {
            long chunk = first + _claimCount;
            (int from, int to) = RangeIn(chunk);
            ushort touched = geometry.TouchedBlocks(from, to);
            ushort merged = mustMerge ? (ushort)(touched & ~geometry.CoveredBlocks(from, to)) : (ushort)0;
            ushort endBlock = (ushort)(touched & BlockWithEnd(volume, chunk));
            ClaimOutcome outcome = core.Pending.TryClaim(
                volume.Head, chunk, touched, (ushort)(merged | endBlock), source, waiter, out ChunkClaim claim);
            if (outcome != ClaimOutcome.Granted)
            {
                return outcome;
            }

            _claims[_claimCount++] = claim;
            if ((touched & BlockWithEnd(volume, chunk) & ~claim.Exclusive) != 0)
            {
                // The end moved into this chunk before the claim was granted: claim it again with the block that holds the end.
                core.Pending.Settle(_claims[--_claimCount]);
            }
        }

        MakePieces();
        return ClaimOutcome.Granted;
    }

    /// <summary>
    /// The block whose rest a failed write past the end may have soiled: extent, offset in the chunk, and where in the block the volume ends.
    /// Null when there is none. The claims are still held.
    /// </summary>
    public (long Extent, int BlockOffsetBytes, int UsedBytes)? SoiledBlock(Volume volume)
    {
        foreach (ref readonly ChunkClaim claim in Claims)
        {
            ushort block = (ushort)(BlockWithEnd(volume, claim.Chunk) & claim.Exclusive & claim.Before.PresentBlocks);
            if (block != 0)
            {
                int index = BitOperations.TrailingZeroCount(block);
                return (claim.Extent, index * core.Geometry.BlockBytes, (int)(volume.Record.SizeBytes % core.Geometry.BlockBytes));
            }
        }

        return null;
    }

    /// <summary>Gives up what is held.</summary>
    public void Settle()
    {
        for (; _claimCount > 0; _claimCount--)
        {
            core.Pending.Settle(_claims[_claimCount - 1]);
        }

        _edgeCount = 0;
        _segments.Clear();
    }

    /// <summary>Turns claims into pieces: whole blocks, parts of blocks that are there already, and edges to merge.</summary>
    private void MakePieces()
    {
        Geometry geometry = core.Geometry;
        for (int i = 0; i < _claimCount; i++)
        {
            ref readonly ChunkClaim claim = ref _claims[i];
            (int from, int to) = RangeIn(claim.Chunk);
            long chunkStart = claim.Chunk << geometry.ChunkShift;
            ushort merged = (ushort)(claim.Exclusive & ~geometry.CoveredBlocks(from, to));
            (Node node, long nodeOffset) = core.Nodes.Locate(claim.Extent);
            while (from < to)
            {
                int block = from / geometry.BlockBytes;
                int end = Math.Min(to, (block + 1) * geometry.BlockBytes);
                int bufferOffset = (int)(chunkStart + from - _offsetBytes);
                if ((merged & (1 << block)) != 0)
                {
                    int blockStart = block * geometry.BlockBytes;
                    _edges[_edgeCount++] = new EdgeBlock(i, chunkStart + blockStart, from - blockStart, bufferOffset, end - from);
                }
                else
                {
                    _segments.Add(node, nodeOffset + from, bufferOffset, end - from);
                }

                from = end;
            }
        }
    }

    /// <summary>
    /// The block that the volume's end lies inside of, if this write goes past the end and the end is in this chunk: its rest is zero on disk, and
    /// nobody else may write it meanwhile, so that a failed write can make it so again.
    /// </summary>
    private ushort BlockWithEnd(Volume volume, long chunk)
    {
        long sizeBytes = volume.Record.SizeBytes;
        int inChunk = (int)(sizeBytes & (core.Geometry.ChunkBytes - 1));
        bool applies = EndBytes > sizeBytes && inChunk % core.Geometry.BlockBytes != 0 && core.Geometry.ChunkOf(sizeBytes) == chunk;
        return applies ? (ushort)(1 << (inChunk / core.Geometry.BlockBytes)) : (ushort)0;
    }

    private (int From, int To) RangeIn(long chunk)
    {
        long start = chunk << core.Geometry.ChunkShift;
        return ((int)(Math.Max(_offsetBytes, start) - start),
            (int)(Math.Min(EndBytes, start + core.Geometry.ChunkBytes) - start));
    }
}
