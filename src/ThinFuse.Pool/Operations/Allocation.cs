using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>
/// Makes a volume's own layer hold a range: holes become zeros on disk, blocks of lower layers are copied. Overwriting the range then needs no
/// space, until a snapshot freezes the layer.
/// </summary>
internal sealed class Allocation(PoolCore core, BounceBuffers bounces)
{
    private const int EntryRoomBytes = 64;

    /// <summary>Owns the blocks that the range touches, clipped to the size. What was owned before a failure stays owned.</summary>
    /// <exception cref="PoolException">NoSpace.</exception>
    public void Own(Volume volume, long offsetBytes, long lengthBytes)
    {
        Geometry geometry = core.Geometry;
        long end = offsetBytes + Math.Min(lengthBytes, Math.Max(0, volume.Record.SizeBytes - offsetBytes));
        for (long at = offsetBytes; at < end; at = (geometry.ChunkOf(at) + 1) << geometry.ChunkShift)
        {
            long start = geometry.ChunkOf(at) << geometry.ChunkShift;
            int from = (int)(at - start);
            int to = (int)Math.Min(geometry.ChunkBytes, end - start);
            Own(volume, geometry.ChunkOf(at), from, to, onlyData: false);
        }
    }

    /// <summary>Owns the blocks of one chunk that lower layers have data in; holes stay holes.</summary>
    /// <returns>Bytes copied.</returns>
    /// <exception cref="PoolException">NoSpace.</exception>
    public long CopyUp(Volume volume, long chunk) =>
        (long)Own(volume, chunk, 0, core.Geometry.ChunkBytes, onlyData: true) * core.Geometry.BlockBytes;

    /// <summary>Owns; a chunk whose extent cannot be written is moved off it first.</summary>
    private int Own(Volume volume, long chunk, int from, int to, bool onlyData)
    {
        Replacing replacing = new(core.Remaps);
        while (true)
        {
            try
            {
                return OwnOnce(volume, chunk, from, to, onlyData);
            }
            catch (StorageException e) when (replacing.Takes(e))
            {
                // Outside, where nothing is held.
            }

            replacing.Replace(volume, chunk);
        }
    }

    private int OwnOnce(Volume volume, long chunk, int from, int to, bool onlyData)
    {
        try
        {
            if (TryOwn(volume, chunk, from, to, onlyData, out int filledBlocks)
                || (core.TryReturnSpace(1) && TryOwn(volume, chunk, from, to, onlyData, out filledBlocks)))
            {
                return filledBlocks;
            }

            // What is promised is there, and may only wait for a commit.
            while (MayBeInTransit(volume, chunk))
            {
                core.ReturnSpace();
                if (TryOwn(volume, chunk, from, to, onlyData, out filledBlocks))
                {
                    return filledBlocks;
                }
            }

            core.NoteOutOfSpace(1);
        }
        catch (StorageException e) when (e.IsNoSpace)
        {
            core.Host.NoteFull();
        }

        throw new PoolException(PoolErrorKind.NoSpace, "the pool has no free extent; grow it, discard, or delete something");
    }

    private bool MayBeInTransit(Volume volume, long chunk) =>
        volume.Reservation?.Promises(chunk) == true && core.Extents.MetadataHasRoom()
        && core.Extents.Counts is { Unallocated: > 0 } or { Waiting: > 0 };

    private bool TryOwn(Volume volume, long chunk, int from, int to, bool onlyData, out int filledBlocks)
    {
        filledBlocks = 0;
        core.Health.ThrowIfFailed();
        volume.Gate.Enter();
        try
        {
            // Inside the gate the volume does not shrink: nothing is owned behind its end.
            long sizeInChunk = volume.Record.SizeBytes - (chunk << core.Geometry.ChunkShift);
            if (sizeInChunk <= from)
            {
                return true;
            }

            ushort blocks = core.Geometry.TouchedBlocks(from, (int)Math.Min(sizeInChunk, to));
            ChunkClaim claim = core.Pending.ClaimWhole(volume.Head, chunk);
            try
            {
                ushort missing = (ushort)(blocks & ~(claim.Before.PresentBlocks | claim.Before.LostBlocks) & (onlyData ? DataOf(volume, chunk) : ushort.MaxValue));
                if (missing == 0)
                {
                    return true;
                }

                // A copy that nobody asked for now leaves what there is to writes that wait for space.
                long extent = !onlyData || core.SpaceQueue.IsEmpty ? core.Pending.ExtentFor(claim) : -1;
                if (extent < 0)
                {
                    return false;
                }

                Fill(volume, chunk, missing, extent);
                Span<byte> record = stackalloc byte[EntryRoomBytes];
                core.Pending.Publish([claim with { Extent = extent, Exclusive = missing }], record, null);
                filledBlocks = BitOperations.PopCount(missing);
                return true;
            }
            finally
            {
                core.Pending.Settle(claim);
            }
        }
        finally
        {
            volume.Gate.Exit();
        }
    }

    private ushort DataOf(Volume volume, long chunk)
    {
        Span<long> sources = stackalloc long[ChunkException.MaxBlocks];
        long epoch = core.Epoch.Enter();
        try
        {
            return core.Chains.Resolve(volume, chunk, core.Geometry.AllBlocks, sources);
        }
        finally
        {
            core.Epoch.Exit(epoch);
        }
    }

    /// <summary>Writes what a reader sees in the missing blocks to the extent; runs of blocks in one I/O.</summary>
    private void Fill(Volume volume, long chunk, ushort missing, long extent)
    {
        Span<long> sources = stackalloc long[ChunkException.MaxBlocks];
        AlignedBuffer bounce = bounces.Rent();
        long epoch = core.Epoch.Enter();
        try
        {
            core.Chains.Resolve(volume, chunk, missing, sources);
            (Node target, long targetOffset) = core.Nodes.Locate(extent);
            int blockBytes = core.Geometry.BlockBytes;
            int mostBlocks = bounce.LengthBytes / blockBytes;
            for (int block = 0; block < core.Geometry.BlocksPerChunk;)
            {
                int first = block;
                while (block < core.Geometry.BlocksPerChunk && block - first < mostBlocks && (missing & (1 << block)) != 0)
                {
                    ReadBlock(sources[block], chunk, block, bounce.Span.Slice((block - first) * blockBytes, blockBytes));
                    block++;
                }

                if (block == first)
                {
                    block++;
                    continue;
                }

                target.WriteTwice(targetOffset + ((long)first * blockBytes), bounce.Span[..((block - first) * blockBytes)]);
            }
        }
        finally
        {
            core.Epoch.Exit(epoch);
            bounces.Return(bounce);
        }
    }

    private void ReadBlock(long source, long chunk, int block, Span<byte> into)
    {
        if (source < 0)
        {
            into.Clear();
            return;
        }

        if (source == ExtentAddress.Lost)
        {
            LostData.Instance.Read(0, into);
            return;
        }

        if (ExtentAddress.IsOrigin(source))
        {
            core.Origins.At(source).ReadShown((chunk << core.Geometry.ChunkShift) + ((long)block * core.Geometry.BlockBytes), into);
            return;
        }

        (Node node, long offsetBytes) = core.Nodes.Locate(source);
        node.Read(offsetBytes + ((long)block * core.Geometry.BlockBytes), into);
    }
}
