using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tree;

/// <summary>Copies blocks between two extents of the same chunk. Thread-safe, for chunks that the callers have claimed.</summary>
internal sealed class BlockCopier(PoolCore core)
{
    private const int LeastBufferBytes = 64 << 10;

    private readonly BounceBuffers _buffers = new(Math.Max(core.Geometry.BlockBytes, Math.Min(core.Geometry.ChunkBytes, LeastBufferBytes)));

    /// <summary>
    /// Gets the lower layer's shown blocks and the upper layer's blocks into one extent and returns it. Blocks written into the lower extent are
    /// hidden by the upper layer in every state a crash can leave, so no old byte is lost.
    /// </summary>
    /// <param name="upper">What the upper layer holds of the chunk.</param>
    /// <param name="lower">What the lower layer holds of it.</param>
    /// <param name="data">The lower layer's blocks that the upper one does not hide.</param>
    /// <exception cref="StorageException">An extent cannot be written, and the exception says so; or neither way can all that is to be copied be read.</exception>
    public long BringTogether(in ChunkException upper, in ChunkException lower, ushort data)
    {
        if (data == 0)
        {
            return upper.Extent;
        }

        if (!upper.HasExtent)
        {
            return lower.Extent;
        }

        bool copyDown = BitOperations.PopCount(upper.PresentBlocks) < BitOperations.PopCount(data);
        try
        {
            return Copy(upper, lower, data, copyDown);
        }
        catch (StorageException e) when (e is { IsMediumError: true, IsBadPlace: false })
        {
            // What cannot be read can stay where it is, and still cannot be read there: then the others are copied to it.
            return Copy(upper, lower, data, !copyDown);
        }
    }

    private long Copy(in ChunkException upper, in ChunkException lower, ushort data, bool down)
    {
        Copy(down ? upper.Extent : lower.Extent, down ? lower.Extent : upper.Extent, down ? upper.PresentBlocks : data);
        return down ? lower.Extent : upper.Extent;
    }

    private void Copy(long from, long to, ushort blocks)
    {
        AlignedBuffer buffer = _buffers.Rent();
        try
        {
            // Neighbouring blocks go together.
            int rest = blocks;
            while (rest != 0)
            {
                int first = BitOperations.TrailingZeroCount(rest);
                int count = BitOperations.TrailingZeroCount(~(rest >> first));
                CopyRange(from, to, first * core.Geometry.BlockBytes, count * core.Geometry.BlockBytes, buffer);
                rest &= ~(((1 << count) - 1) << first);
            }
        }
        finally
        {
            _buffers.Return(buffer);
        }
    }

    private void CopyRange(long from, long to, int startBytes, int lengthBytes, AlignedBuffer buffer)
    {
        (Node source, long sourceOffset) = core.Nodes.Locate(from);
        (Node target, long targetOffset) = core.Nodes.Locate(to);
        for (int done = 0; done < lengthBytes; done += buffer.LengthBytes)
        {
            Span<byte> piece = buffer.Span[..Math.Min(buffer.LengthBytes, lengthBytes - done)];
            source.Read(sourceOffset + startBytes + done, piece);
            target.WriteTwice(targetOffset + startBytes + done, piece);
        }
    }
}
