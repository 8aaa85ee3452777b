using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>SEEK_DATA and SEEK_HOLE to the block: a block is data when some layer holds it, or the external origin does. Costs what is mapped, not what the size is.</summary>
internal sealed class DataSeeker(PoolCore core)
{
    /// <summary>The first data at or after the offset; -1 when there is none.</summary>
    public long NextData(Volume volume, long offsetBytes) => Next(volume, offsetBytes, wantData: true);

    /// <summary>The first hole at or after the offset; the size when there is none.</summary>
    public long NextHole(Volume volume, long offsetBytes) => Next(volume, offsetBytes, wantData: false);

    private long Next(Volume volume, long offsetBytes, bool wantData)
    {
        core.Health.ThrowIfUnreadable();
        Geometry geometry = core.Geometry;
        long sizeBytes = volume.Record.SizeBytes;
        long endChunk = geometry.ChunksFor(sizeBytes);
        long none = wantData ? -1 : sizeBytes;
        Span<long> extents = stackalloc long[ChunkException.MaxBlocks];
        long epoch = core.Epoch.Enter();
        try
        {
            while (offsetBytes < sizeBytes)
            {
                long chunk = geometry.ChunkOf(offsetBytes);
                ReadView view = volume.View;
                long mapped = core.Chains.NextChunkWithRecords(view.Head, chunk, endChunk);
                if (!ChainReader.IsCurrent(volume, view))
                {
                    continue;
                }

                if (mapped != chunk)
                {
                    if (!wantData)
                    {
                        return offsetBytes;
                    }

                    if (mapped < 0)
                    {
                        return -1;
                    }

                    offsetBytes = mapped << geometry.ChunkShift;
                    continue;
                }

                ushort found = core.Chains.Resolve(volume, chunk, geometry.AllBlocks, extents);
                found &= (ushort)~HolesOfOrigin(chunk, found, extents);
                long start = chunk << geometry.ChunkShift;
                for (int block = (int)(offsetBytes - start) / geometry.BlockBytes; block < geometry.BlocksPerChunk; block++)
                {
                    if (((found & (1 << block)) != 0) == wantData)
                    {
                        long at = Math.Max(offsetBytes, start + ((long)block * geometry.BlockBytes));
                        return at < sizeBytes ? at : none;
                    }
                }

                offsetBytes = start + geometry.ChunkBytes;
            }

            return none;
        }
        finally
        {
            core.Epoch.Exit(epoch);
        }
    }

    /// <summary>The blocks that come from an external origin, and are holes of it.</summary>
    private ushort HolesOfOrigin(long chunk, ushort found, ReadOnlySpan<long> extents)
    {
        ushort holes = 0;
        for (int rest = found; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            if (ExtentAddress.IsOrigin(extents[block]))
            {
                long start = (chunk << core.Geometry.ChunkShift) + ((long)block * core.Geometry.BlockBytes);
                holes |= core.Origins.At(extents[block]).IsHole(start, start + core.Geometry.BlockBytes) ? (ushort)(1 << block) : (ushort)0;
            }
        }

        return holes;
    }
}
