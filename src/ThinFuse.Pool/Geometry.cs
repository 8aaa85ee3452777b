using System.Numerics;
using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool;

/// <summary>Chunk and block sizes of a pool, and the arithmetic on them.</summary>
public sealed class Geometry
{
    /// <summary>Smallest chunk and smallest block, bytes.</summary>
    public const int MinChunkBytes = 4096;

    /// <summary>Largest chunk, bytes.</summary>
    public const int MaxChunkBytes = 16 << 20;

    /// <summary>Largest volume, bytes (64 PiB): chunk numbers and file offsets stay far from overflow.</summary>
    public const long MaxVolumeBytes = 1L << 56;

    /// <summary>Volume sizes are multiples of this, the sector of every block device.</summary>
    public const int SectorBytes = 512;

    /// <summary>Creates the geometry.</summary>
    /// <exception cref="PoolException">Usage: not a power of two in range.</exception>
    public Geometry(int chunkBytes)
    {
        if (chunkBytes < MinChunkBytes || chunkBytes > MaxChunkBytes || !BitOperations.IsPow2(chunkBytes))
        {
            throw new PoolException(PoolErrorKind.Usage, $"chunk size {chunkBytes} is not possible; use a power of two from 4K to 16M");
        }

        ChunkBytes = chunkBytes;
        ChunkShift = BitOperations.Log2((uint)chunkBytes);
        BlockBytes = Math.Max(MinChunkBytes, chunkBytes / ChunkException.MaxBlocks);
        BlocksPerChunk = chunkBytes / BlockBytes;
        AllBlocks = (ushort)((1 << BlocksPerChunk) - 1);
    }

    /// <summary>Chunk size, bytes.</summary>
    public int ChunkBytes { get; }

    /// <summary>log2 of the chunk size.</summary>
    public int ChunkShift { get; }

    /// <summary>Block size, bytes.</summary>
    public int BlockBytes { get; }

    /// <summary>Blocks in a chunk, 1 to 16.</summary>
    public int BlocksPerChunk { get; }

    /// <summary>The mask of all blocks of a chunk.</summary>
    public ushort AllBlocks { get; }

    /// <summary>The chunk a byte lies in.</summary>
    public long ChunkOf(long offsetBytes) => offsetBytes >> ChunkShift;

    /// <summary>Chunks needed for so many bytes.</summary>
    public long ChunksFor(long lengthBytes) => (lengthBytes + ChunkBytes - 1) >> ChunkShift;

    /// <summary>The blocks that the bytes [from, to) of a chunk touch, even if only in part.</summary>
    public ushort TouchedBlocks(int fromBytes, int toBytes) =>
        Blocks(fromBytes / BlockBytes, (toBytes + BlockBytes - 1) / BlockBytes);

    /// <summary>The blocks that the bytes [from, to) of a chunk cover whole.</summary>
    public ushort CoveredBlocks(int fromBytes, int toBytes) =>
        Blocks((fromBytes + BlockBytes - 1) / BlockBytes, toBytes / BlockBytes);

    /// <summary>The mask of blocks [first, end).</summary>
    public static ushort Blocks(int first, int end) => end <= first ? (ushort)0 : (ushort)((1 << end) - (1 << first));
}
