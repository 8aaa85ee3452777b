using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Tree;

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
    /// <param name="head">The layer that is written.</param>
    /// <param name="address">Where the data is in memory.</param>
    /// <param name="waiter">Resumed after a conflict.</param>
    public ClaimOutcome Claim(Layer head, nuint address, IParked waiter)
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
            ClaimOutcome outcome = core.Pending.TryClaim(head, chunk, touched, merged, waiter, out ChunkClaim claim);
            if (outcome != ClaimOutcome.Granted)
            {
                return outcome;
            }

            _claims[_claimCount++] = claim;
        }

        MakePieces();
        return ClaimOutcome.Granted;
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

    private (int From, int To) RangeIn(long chunk)
    {
        long start = chunk << core.Geometry.ChunkShift;
        return ((int)(Math.Max(_offsetBytes, start) - start),
            (int)(Math.Min(EndBytes, start + core.Geometry.ChunkBytes) - start));
    }
}
