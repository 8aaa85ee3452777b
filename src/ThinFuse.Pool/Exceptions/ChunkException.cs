using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Exceptions;

/// <summary>
/// What one layer holds of one chunk: the extent its blocks live in, which of the chunk's 16 blocks are here, which are known to be zero, and which a
/// bad disk has lost. A block that is none of these comes from the layers below.
/// </summary>
/// <remarks>
/// Packed to 10 bytes: the table keeps 32 of these per record. <c>default</c> is "nothing here". A block that both masks name is lost.
/// Invariants: a block is present, zero or lost, or none of them; there is an extent exactly when a block is present.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct ChunkException : IEquatable<ChunkException>
{
    /// <summary>Blocks in a chunk (fewer when the chunk is smaller than 16 blocks of 4 KiB; then the upper bits stay clear).</summary>
    public const int MaxBlocks = 16;

    /// <summary>Its length in a record and in a journal's entry.</summary>
    public const int SizeBytes = 10;

    private readonly uint _extentLow;
    private readonly byte _extentHigh;
    private readonly byte _flags;
    private readonly ushort _presentBlocks;
    private readonly ushort _zeroBlocks;

    /// <summary>An exception with data: <paramref name="extent"/> (0 to 2^40 - 2, -1 for none) holds <paramref name="presentBlocks"/>.</summary>
    public ChunkException(long extent, ushort presentBlocks, ushort zeroBlocks, byte flags = 0, ushort lostBlocks = 0)
    {
        // Stored plus one, so that all-zero bytes mean no extent.
        ulong stored = (ulong)(extent + 1);
        _extentLow = (uint)stored;
        _extentHigh = (byte)(stored >> 32);
        _presentBlocks = (ushort)(presentBlocks | lostBlocks);
        _zeroBlocks = (ushort)(zeroBlocks | lostBlocks);
        _flags = flags;
    }

    /// <summary>An exception without data: some blocks hide what lies below and read as zero.</summary>
    public static ChunkException ZeroOnly(ushort zeroBlocks, byte flags = 0) => new(-1, 0, zeroBlocks, flags);

    /// <summary>The extent, or -1.</summary>
    public long Extent => (long)(((ulong)_extentHigh << 32) | _extentLow) - 1;

    /// <summary>Blocks whose bytes are in the extent.</summary>
    public ushort PresentBlocks => (ushort)(_presentBlocks & ~_zeroBlocks);

    /// <summary>Blocks that read as zero whatever lies below.</summary>
    public ushort ZeroBlocks => (ushort)(_zeroBlocks & ~_presentBlocks);

    /// <summary>Blocks whose bytes a bad disk has lost: reading them is an error until they are written, for neither zeros nor what lies below is what they were.</summary>
    public ushort LostBlocks => (ushort)(_presentBlocks & _zeroBlocks);

    /// <summary>Reserved for provisioning; zero today.</summary>
    public byte Flags => _flags;

    /// <summary>Blocks that this layer decides: present, zero or lost.</summary>
    public ushort DecidedBlocks => (ushort)(_presentBlocks | _zeroBlocks);

    /// <summary>Whether there is an extent.</summary>
    public bool HasExtent => Extent >= 0;

    /// <summary>Whether this says nothing at all, so that no record is needed.</summary>
    public bool IsEmpty => !HasExtent && _presentBlocks == 0 && _zeroBlocks == 0 && _flags == 0;

    /// <inheritdoc/>
    public bool Equals(ChunkException other) =>
        _extentLow == other._extentLow && _extentHigh == other._extentHigh && _flags == other._flags
        && _presentBlocks == other._presentBlocks && _zeroBlocks == other._zeroBlocks;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChunkException other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_extentLow, _extentHigh, _presentBlocks, _zeroBlocks);

    /// <inheritdoc/>
    public override string ToString() => $"extent {Extent} present {PresentBlocks:x4} zero {ZeroBlocks:x4} lost {LostBlocks:x4}";
}
