using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>Makes a range read as zero and gives back the space that nothing else needs. Costs what the range holds, not what its length is.</summary>
internal sealed class Discard(PoolCore core, DataPath data)
{
    /// <summary>The gate is left and passed again after so many chunks, so that a snapshot never waits for a long discard.</summary>
    private const int StepChunks = 1024;

    /// <summary>Zeroes the range; exact to the byte. Whole blocks need no space; a part of a block that must be written may.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="offsetBytes">Begin of the range.</param>
    /// <param name="lengthBytes">Its length; it is clipped to the size.</param>
    /// <param name="keepsPromise">Whether chunks that it covers stay provisioned, if they are.</param>
    /// <exception cref="PoolException">NoSpace: an edge inside a shared block could not be written; the whole blocks are zero already.</exception>
    public void Punch(Volume volume, long offsetBytes, long lengthBytes, bool keepsPromise = false)
    {
        core.Health.ThrowIfFailed();
        long end = offsetBytes + Math.Min(lengthBytes, Math.Max(0, volume.Record.SizeBytes - offsetBytes));
        if (!keepsPromise && end > offsetBytes)
        {
            long endChunk = end == volume.Record.SizeBytes ? core.Geometry.ChunksFor(end) : core.Geometry.ChunkOf(end);
            core.Promises.Release(volume, core.Geometry.ChunksFor(offsetBytes), endChunk);
        }

        int blockBytes = core.Geometry.BlockBytes;
        long firstWhole = Math.Min(end, (offsetBytes + blockBytes - 1) / blockBytes * blockBytes);

        long endWhole = end == volume.Record.SizeBytes ? end : Math.Max(firstWhole, end / blockBytes * blockBytes);
        for (long at = firstWhole; at < endWhole;)
        {
            volume.Gate.Enter();
            try
            {
                if (!PunchWhole(volume, at, endWhole, StepChunks, out at))
                {
                    endWhole = end / blockBytes * blockBytes;
                }
            }
            finally
            {
                volume.Gate.Exit();
            }
        }

        ZeroPart(volume, offsetBytes, firstWhole, WriteManner.KeepsSize);
        ZeroPart(volume, endWhole, end, WriteManner.KeepsSize);
    }

    /// <summary>
    /// Zeroes whole blocks of [from, to); the caller is inside the gate, or holds it closed. Where the volume ends inside a block, that block
    /// counts as whole; false when a write has moved the end meanwhile, so that the block was left alone.
    /// </summary>
    /// <param name="volume">The volume.</param>
    /// <param name="from">First byte, at a block.</param>
    /// <param name="to">End of the range.</param>
    /// <param name="maxChunks">Stop after so many chunks that hold something.</param>
    /// <param name="done">Where it stopped; <paramref name="to"/> when all is done.</param>
    public bool PunchWhole(Volume volume, long from, long to, int maxChunks, out long done)
    {
        bool all = true;
        Geometry geometry = core.Geometry;
        Layer head = volume.Head;
        long chunk = geometry.ChunkOf(from);
        long endChunk = geometry.ChunksFor(to);
        done = to;
        while ((chunk = core.Chains.NextChunkWithRecords(head, chunk, endChunk)) >= 0)
        {
            if (maxChunks-- == 0)
            {
                done = chunk << geometry.ChunkShift;
                break;
            }

            long start = chunk << geometry.ChunkShift;
            int first = (int)(Math.Max(from, start) - start) / geometry.BlockBytes;
            int end = (int)((Math.Min(to, start + geometry.ChunkBytes) - start + geometry.BlockBytes - 1) / geometry.BlockBytes);
            bool endsInside = to < start + geometry.ChunkBytes && to % geometry.BlockBytes != 0;
            all &= PunchBlocks(volume, head, chunk, Geometry.Blocks(first, end), endsInside ? to : long.MaxValue);
            chunk++;
        }

        return all;
    }

    private bool PunchBlocks(Volume volume, Layer head, long chunk, ushort blocks, long endBytes)
    {
        ChunkClaim claim = core.Pending.ClaimWhole(head, chunk);
        try
        {
            // A write moves the end before it gives up its claim: what is read here is final for the blocks of this chunk.
            bool endMoved = volume.Record.SizeBytes > endBytes;
            if (endMoved)
            {
                blocks &= Geometry.Blocks(0, (int)(endBytes & (core.Geometry.ChunkBytes - 1)) / core.Geometry.BlockBytes);
            }

            ChunkException before = claim.Before;
            ushort below = DataBelow(head, chunk, blocks);
            ushort present = (ushort)(before.PresentBlocks & ~blocks);
            ushort zero = (ushort)((before.ZeroBlocks & ~blocks) | below);
            ChunkException next = new(present == 0 ? -1 : before.Extent, present, zero, before.Flags, (ushort)(before.LostBlocks & ~blocks));
            lock (core.Pending.LockOf(head, chunk))
            {
                core.Publisher.Publish(head, chunk, before, next);
            }

            return !endMoved;
        }
        finally
        {
            core.Pending.Settle(claim);
        }
    }

    /// <summary>The blocks that would show data of lower layers, or of an external origin, if the head decided nothing.</summary>
    private ushort DataBelow(Layer head, long chunk, ushort blocks)
    {
        Span<long> extents = stackalloc long[ChunkException.MaxBlocks];
        return core.Chains.ResolveBelow(head, chunk, blocks, extents);
    }

    /// <summary>Zeroes a part of one block by writing zeros, if there is anything to zero.</summary>
    public void ZeroPart(Volume volume, long from, long to, WriteManner manner)
    {
        if (from >= to || !HasData(volume, from))
        {
            return;
        }

        Span<byte> zeros = stackalloc byte[4096];
        zeros.Clear();
        for (long at = from; at < to; at += zeros.Length)
        {
            data.Write(volume, at, zeros[..(int)Math.Min(zeros.Length, to - at)], manner);
        }
    }

    private bool HasData(Volume volume, long offsetBytes)
    {
        Geometry geometry = core.Geometry;
        Span<long> extents = stackalloc long[ChunkException.MaxBlocks];
        int block = (int)(offsetBytes & (geometry.ChunkBytes - 1)) / geometry.BlockBytes;
        ushort found = core.Chains.Resolve(volume, geometry.ChunkOf(offsetBytes), (ushort)(1 << block), extents);
        return BitOperations.PopCount(found) != 0;
    }
}
