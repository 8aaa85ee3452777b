using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>One write: map (perhaps parked, then map again), move, publish or abort. Reused; used by one thread at a time, but not always the same.</summary>
/// <remarks>
/// <para>Map decides whether there is space, before any byte moves, for the whole write or not at all. On exhaustion it commits once, which is
/// I/O, because freed extents may only wait for that.</para>
/// <para>Until Publish, readers see the old bytes, except in blocks that the volume's own layer already has: those are overwritten in place.</para>
/// <para>After Publish the write survives the death of the process; power loss only after a flush.</para>
/// </remarks>
public sealed class WriteOperation
{
    private readonly PoolCore _core;
    private readonly BounceBuffers _bounces;
    private readonly ReadOperation _edgeReader;
    private readonly SegmentList _segments = new();
    private readonly EdgeBlock[] _edges = new EdgeBlock[2];
    private ChunkClaim[] _claims = new ChunkClaim[20];
    private byte[] _record = [];
    private Volume? _volume;
    private int _claimCount;
    private int _edgeCount;
    private long _epoch;
    private bool _spaceWasReturned;
    private WriteManner _manner;
    private long _offsetBytes;
    private int _lengthBytes;

    internal WriteOperation(PoolCore core, BounceBuffers bounces)
    {
        _core = core;
        _bounces = bounces;
        _edgeReader = new ReadOperation(core, bounces);
    }

    /// <summary>The whole-block pieces; a mover outside the engine may use them when <see cref="CanMoveDirect"/>.</summary>
    public ReadOnlySpan<Segment> Segments => _segments.All;

    /// <summary>Whether all data may be written straight from the buffer, and nothing needs merging; whoever does it calls <see cref="Node.MarkDirty"/>.</summary>
    public bool CanMoveDirect(ReadOnlySpan<byte> data) => _edgeCount == 0 && _segments.AreAligned(ReadOperation.AddressOf(data));

    /// <summary>Maps, or goes on mapping after it was parked, with the same arguments.</summary>
    internal MapOutcome Map(Volume volume, long offsetBytes, ReadOnlySpan<byte> data, IParked waiter, WriteManner manner = WriteManner.Ordinary)
    {
        if (_volume is null)
        {
            _core.Health.ThrowIfFailed();
            if (!manner.HasFlag(WriteManner.GateIsHeld) && !volume.Gate.TryEnter(waiter))
            {
                return MapOutcome.Parked;
            }

            _manner = manner;
            _volume = volume;
            _epoch = _core.Epoch.Enter();
            _offsetBytes = offsetBytes;
            _lengthBytes = data.Length;
        }

        try
        {
            switch (ClaimChunks(data, waiter))
            {
                case ClaimOutcome.Conflict:
                    return MapOutcome.Parked;
                case ClaimOutcome.NoSpace:
                    return RetryWithReturnedSpace(volume, offsetBytes, data, waiter);
                default:
                    Plan();
                    return MapOutcome.Ready;
            }
        }
        catch
        {
            Abort();
            throw;
        }
    }

    /// <summary>Writes all data to the nodes, on this thread.</summary>
    /// <exception cref="StorageException">A node refused; abort.</exception>
    public void Move(ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < _edgeCount; i++)
        {
            MoveEdge(_edges[i], data);
        }

        nuint address = ReadOperation.AddressOf(data);
        foreach (ref readonly Segment segment in _segments.All)
        {
            ReadOnlySpan<byte> source = data.Slice(segment.BufferOffsetBytes, segment.LengthBytes);
            if (SegmentList.IsAligned(segment.Node!, segment, address))
            {
                segment.Node!.Write(segment.NodeOffsetBytes, source);
            }
            else
            {
                WriteThroughBounce(segment.Node!, segment.NodeOffsetBytes, source);
            }
        }
    }

    /// <summary>Makes the moved data the volume's content, and ends the operation.</summary>
    /// <exception cref="PoolException">The pool failed; part of the write may show after the next mount.</exception>
    public void Publish()
    {
        Volume volume = _volume ?? throw new InvalidOperationException("nothing is mapped");
        try
        {
            volume.ModifiedAtTicks = DateTime.UtcNow.Ticks;
            ReadOnlySpan<ChunkClaim> claims = _claims.AsSpan(0, _claimCount);
            if (_offsetBytes + _lengthBytes > volume.Record.SizeBytes && !_manner.HasFlag(WriteManner.KeepsSize))
            {
                PublishExtended(volume, claims);
            }
            else
            {
                _core.Pending.Publish(claims, RecordBuffer(), null);
            }
        }
        finally
        {
            Abort();
        }
    }

    /// <summary>Ends the operation without publishing; space that was claimed goes back. Safe to call twice.</summary>
    public void Abort()
    {
        for (; _claimCount > 0; _claimCount--)
        {
            _core.Pending.Settle(_claims[_claimCount - 1]);
        }

        _edgeCount = 0;
        _spaceWasReturned = false;
        _segments.Clear();
        Leave();
    }

    private void PublishExtended(Volume volume, ReadOnlySpan<ChunkClaim> claims)
    {
        long endBytes = _offsetBytes + _lengthBytes;
        long sizeBytes = (endBytes + Geometry.SectorBytes - 1) & ~(Geometry.SectorBytes - 1L);
        lock (_core.MetadataLock)
        {
            VolumeRecord longer = volume.Record with
            {
                SizeBytes = Math.Max(sizeBytes, volume.Record.SizeBytes),
                ModifiedAtTicks = volume.ModifiedAtTicks,
            };

            // A deleted volume has no record any more: nothing of it outlives its last handle.
            _core.Pending.Publish(claims, RecordBuffer(), volume.IsDeleted ? null : longer);
            if (volume.IsDeleted)
            {
                volume.Record = longer;
            }
        }
    }

    /// <summary>Room for a record of all claims and the volume.</summary>
    private Span<byte> RecordBuffer()
    {
        int neededBytes = (_claimCount * EntryWriter.ExceptionEntryBytes) + EntryWriter.MaxEntryBytes;
        if (_record.Length < neededBytes)
        {
            _record = new byte[neededBytes];
        }

        return _record;
    }

    private void Leave()
    {
        if (_volume is { } volume)
        {
            _volume = null;
            _core.Epoch.Exit(_epoch);
            if (!_manner.HasFlag(WriteManner.GateIsHeld))
            {
                volume.Gate.Exit();
            }
        }
    }

    private MapOutcome RetryWithReturnedSpace(Volume volume, long offsetBytes, ReadOnlySpan<byte> data, IParked waiter)
    {
        bool retry = !_spaceWasReturned;
        WriteManner manner = _manner;
        Abort();
        if (retry && _core.TryReturnSpace())
        {
            _spaceWasReturned = true;
            return Map(volume, offsetBytes, data, waiter, manner);
        }

        _core.NoteOutOfSpace((int)(_core.Geometry.ChunkOf(offsetBytes + data.Length - 1) - _core.Geometry.ChunkOf(offsetBytes)) + 1);
        return MapOutcome.NoSpace;
    }

    private ClaimOutcome ClaimChunks(ReadOnlySpan<byte> data, IParked waiter)
    {
        Geometry geometry = _core.Geometry;
        long first = geometry.ChunkOf(_offsetBytes);
        long last = geometry.ChunkOf(_offsetBytes + _lengthBytes - 1);
        if (last - first >= _claims.Length)
        {
            Array.Resize(ref _claims, (int)(last - first) + 1);
        }

        nuint alignment = (nuint)_core.Nodes.AlignmentBytes;
        bool mustMerge = (((nuint)_offsetBytes | (nuint)_lengthBytes | ReadOperation.AddressOf(data)) & (alignment - 1)) != 0;
        while (first + _claimCount <= last)
        {
            long chunk = first + _claimCount;
            (int from, int to) = RangeIn(chunk);
            ushort touched = geometry.TouchedBlocks(from, to);
            ushort merged = mustMerge ? (ushort)(touched & ~geometry.CoveredBlocks(from, to)) : (ushort)0;
            ClaimOutcome outcome = _core.Pending.TryClaim(_volume!.Head, chunk, touched, merged, waiter, out ChunkClaim claim);
            if (outcome != ClaimOutcome.Granted)
            {
                return outcome;
            }

            _claims[_claimCount++] = claim;
        }

        return ClaimOutcome.Granted;
    }

    /// <summary>Turns claims into pieces: whole blocks, parts of blocks that are there already, and edges to merge.</summary>
    private void Plan()
    {
        Geometry geometry = _core.Geometry;
        for (int i = 0; i < _claimCount; i++)
        {
            ref readonly ChunkClaim claim = ref _claims[i];
            (int from, int to) = RangeIn(claim.Chunk);
            long chunkStart = claim.Chunk << geometry.ChunkShift;
            ushort merged = (ushort)(claim.Exclusive & ~geometry.CoveredBlocks(from, to));
            (Node node, long nodeOffset) = _core.Nodes.Locate(claim.Extent);
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
        long start = chunk << _core.Geometry.ChunkShift;
        return ((int)(Math.Max(_offsetBytes, start) - start),
            (int)(Math.Min(_offsetBytes + _lengthBytes, start + _core.Geometry.ChunkBytes) - start));
    }

    private void MoveEdge(in EdgeBlock edge, ReadOnlySpan<byte> data)
    {
        AlignedBuffer bounce = _bounces.Rent();
        try
        {
            Span<byte> block = bounce.Span[.._core.Geometry.BlockBytes];
            ReadBlock(edge.BlockOffsetBytes, block);
            data.Slice(edge.BufferOffsetBytes, edge.LengthBytes).CopyTo(block[edge.SkipBytes..]);
            (Node node, long nodeOffset) = _core.Nodes.Locate(_claims[edge.Claim].Extent);
            node.Write(nodeOffset + (edge.BlockOffsetBytes & (_core.Geometry.ChunkBytes - 1)), block);
        }
        finally
        {
            _bounces.Return(bounce);
        }
    }

    /// <summary>The block as a reader sees it now; it may lie partly behind the end of the volume, where it is zero.</summary>
    private void ReadBlock(long offsetBytes, Span<byte> block)
    {
        try
        {
            int lengthBytes = _edgeReader.Map(_volume!, offsetBytes, block.Length);
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
        AlignedBuffer bounce = _bounces.Rent();
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
            _bounces.Return(bounce);
        }
    }
}
