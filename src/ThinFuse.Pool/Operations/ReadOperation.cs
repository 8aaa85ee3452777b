using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>One read: map, move, finish. Reused; used by one thread at a time, but not always the same.</summary>
/// <remarks>
/// Map does no data I/O and takes no lock that is held afterwards. Between Map and Finish the extents mapped stay as they are, whatever is
/// deleted meanwhile. The bytes are those of some moment between Map and the end of the move; each 512-byte sector is whole. A write under way
/// beside it may show, also one that comes to nothing in the end.
/// </remarks>
public sealed class ReadOperation
{
    private readonly PoolCore _core;
    private readonly BounceBuffers _bounces;
    private readonly SegmentList _segments = new();
    private long _epoch = -1;

    internal ReadOperation(PoolCore core, BounceBuffers bounces)
    {
        _core = core;
        _bounces = bounces;
    }

    /// <summary>The pieces; zeros have no file and must be cleared by whoever moves.</summary>
    public ReadOnlySpan<Segment> Segments => _segments.All;

    /// <summary>Bytes mapped.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>Says that whoever moved the data was refused, before this is ended. Which of several files it was, nobody knows: all are named.</summary>
    /// <param name="errno">Positive Linux errno.</param>
    public void NoteFault(int errno) => SegmentList.NoteFault(Segments, "read", errno);

    /// <summary>Whether all pieces may be read straight into <paramref name="buffer"/> by whoever moves the data.</summary>
    public bool CanMoveDirect(ReadOnlySpan<byte> buffer) => _segments.AreAligned(AddressOf(buffer));

    /// <summary>Maps a range; returns the bytes that will be read: fewer at the end of the volume, 0 behind it.</summary>
    internal int Map(Volume volume, long offsetBytes, int lengthBytes)
    {
        _core.Health.ThrowIfUnreadable();
        _segments.Clear();
        LengthBytes = (int)Math.Clamp(volume.Record.SizeBytes - offsetBytes, 0, lengthBytes);
        _epoch = _core.Epoch.Enter();
        try
        {
            MapChunks(volume, offsetBytes, LengthBytes);
        }
        catch
        {
            Finish();
            throw;
        }

        return LengthBytes;
    }

    /// <summary>Reads all pieces into the buffer, on this thread.</summary>
    /// <exception cref="StorageException">A node, or the external origin, refused.</exception>
    public unsafe void Move(Span<byte> buffer)
    {
        // Pinned: a managed buffer that moved between the look at its address and the I/O would be refused by O_DIRECT.
        fixed (byte* pinned = buffer)
        {
            MovePinned(buffer, (nuint)pinned);
        }
    }

    /// <summary>
    /// Reads block by block on this thread, after a move has failed, up to the first that cannot be read; returns the bytes in front of it. Nothing is lost of
    /// what a disk can read, and the caller learns of the rest when it asks for it.
    /// </summary>
    public int MoveUpToFault(Span<byte> buffer)
    {
        int blockBytes = _core.Geometry.BlockBytes;
        foreach (ref readonly Segment segment in _segments.All)
        {
            for (int done = 0, take; done < segment.LengthBytes; done += take)
            {
                long at = segment.FileOffsetBytes + done;
                take = Math.Min(segment.LengthBytes - done, blockBytes - (int)(at & (blockBytes - 1)));
                Span<byte> target = buffer.Slice(segment.BufferOffsetBytes + done, take);
                if (segment.File is not { } file)
                {
                    target.Clear();
                }
                else if (!TryRead(file, at, target))
                {
                    return segment.BufferOffsetBytes + done;
                }
            }
        }

        return LengthBytes;
    }

    private bool TryRead(DataFile file, long offsetBytes, Span<byte> target)
    {
        try
        {
            ReadUnaligned(file, offsetBytes, target);
            return true;
        }
        catch (StorageException)
        {
            // Whoever asks for these bytes is told.
            return false;
        }
    }

    private void MovePinned(Span<byte> buffer, nuint address)
    {
        foreach (ref readonly Segment segment in _segments.All)
        {
            Span<byte> target = buffer.Slice(segment.BufferOffsetBytes, segment.LengthBytes);
            if (segment.File is not { } file)
            {
                target.Clear();
            }
            else if (SegmentList.IsAligned(file, segment, address))
            {
                file.Read(segment.FileOffsetBytes, target);
            }
            else
            {
                ReadUnaligned(file, segment.FileOffsetBytes, target);
            }
        }
    }

    /// <summary>Ends the read; the extents may go. Safe to call twice.</summary>
    public void Finish()
    {
        long epoch = _epoch;
        _epoch = -1;
        if (epoch >= 0)
        {
            _core.Epoch.Exit(epoch);
        }
    }

    private void MapChunks(Volume volume, long offsetBytes, int lengthBytes)
    {
        Geometry geometry = _core.Geometry;
        Span<long> blockExtents = stackalloc long[ChunkException.MaxBlocks];
        int done = 0;
        while (done < lengthBytes)
        {
            long chunk = geometry.ChunkOf(offsetBytes + done);
            int from = (int)((offsetBytes + done) & (geometry.ChunkBytes - 1));
            int to = Math.Min(geometry.ChunkBytes, from + lengthBytes - done);
            ushort found = _core.Chains.Resolve(volume, chunk, geometry.TouchedBlocks(from, to), blockExtents);
            if (found == 0)
            {
                _segments.Add(null, 0, done, to - from);
                done += to - from;
                continue;
            }

            while (from < to)
            {
                int block = from / geometry.BlockBytes;
                int end = Math.Min(to, (block + 1) * geometry.BlockBytes);
                if (blockExtents[block] < 0)
                {
                    _segments.Add(null, 0, done, end - from);
                }
                else if (blockExtents[block] == ExtentAddress.Lost)
                {
                    _segments.Add(LostData.Instance, 0, done, end - from);
                }
                else if (ExtentAddress.IsOrigin(blockExtents[block]))
                {
                    AddOrigin(blockExtents[block], (chunk << geometry.ChunkShift) + from, done, end - from);
                }
                else
                {
                    (Node node, long nodeOffset) = _core.Nodes.Locate(blockExtents[block]);
                    _segments.Add(node, nodeOffset + from, done, end - from);
                }

                done += end - from;
                from = end;
            }
        }
    }

    /// <summary>A piece of an external origin, and zeros behind its end.</summary>
    private void AddOrigin(long address, long offsetBytes, int bufferOffsetBytes, int lengthBytes)
    {
        ExternalOrigin origin = _core.Origins.At(address);
        int countBytes = origin.CountIn(offsetBytes, lengthBytes);
        if (countBytes != 0)
        {
            _segments.Add(origin, offsetBytes, bufferOffsetBytes, countBytes);
        }

        if (countBytes != lengthBytes)
        {
            _segments.Add(null, 0, bufferOffsetBytes + countBytes, lengthBytes - countBytes);
        }
    }

    private void ReadUnaligned(DataFile file, long offsetBytes, Span<byte> target)
    {
        AlignedBuffer bounce = _bounces.Rent();
        try
        {
            int align = file.AlignmentBytes;
            while (!target.IsEmpty)
            {
                int skip = (int)(offsetBytes & (align - 1));
                int take = Math.Min(target.Length, bounce.LengthBytes - align - skip);
                int padded = (skip + take + align - 1) & ~(align - 1);
                file.Read(offsetBytes - skip, bounce.Span[..padded]);
                bounce.Span.Slice(skip, take).CopyTo(target);
                target = target[take..];
                offsetBytes += take;
            }
        }
        finally
        {
            _bounces.Return(bounce);
        }
    }

    internal static unsafe nuint AddressOf(ReadOnlySpan<byte> buffer) =>
        (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
}
