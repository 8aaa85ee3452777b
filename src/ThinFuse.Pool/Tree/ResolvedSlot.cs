using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Tree;

/// <summary>One answer of the resolved map: where the blocks of one chunk of one volume are. Two cache lines; all-zero bytes hold no answer,
/// because map ids begin at 1.</summary>
/// <remarks>
/// <see cref="State"/> guards the rest, in the manner of a sequence lock: bit 0 is set while somebody fills the slot, bits 1 to 15 count changes under way,
/// and the bits above are the version, which grows with every fill and every change that ends. The answer stands exactly while nothing is under way and
/// the version is <see cref="FilledAt"/>.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct ResolvedSlot
{
    public const int Bytes = 128;
    public const long Filling = 1;
    public const long OneChange = 2;
    public const long OneVersion = 1L << VersionShift;
    public const int VersionShift = 16;
    private const long UnderWay = OneVersion - 1;
    private const int ExtentBytes = 5;
    private const long ExtentMask = (1L << (ExtentBytes * 8)) - 1;

    public long State;
    public long FilledAt;
    public long MapId;
    public long Chunk;

    /// <summary>The sequence of moves that the answer belongs to.</summary>
    public long Moves;

    /// <summary>Blocks that have data.</summary>
    public ushort Found;
    private PackedExtents _extents;

    public static bool IsBusy(long state) => (state & UnderWay) != 0;

    public static long VersionOf(long state) => state >> VersionShift;

    /// <summary>Extents are kept plus one in 5 bytes each; zeros are 0.</summary>
    public readonly long Extent(int block)
    {
        ref readonly byte first = ref _extents[block * ExtentBytes];
        return (Unsafe.ReadUnaligned<long>(in first) & ExtentMask) - 1;
    }

    public void SetExtents(ReadOnlySpan<long> extents)
    {
        for (int block = 0; block < extents.Length; block++)
        {
            // The three bytes too many are overwritten by the next block, or are the padding.
            Unsafe.WriteUnaligned(ref _extents[block * ExtentBytes], extents[block] + 1);
        }
    }

    [InlineArray((ChunkBlocks * ExtentBytes) + 3)]
    private struct PackedExtents
    {
        private byte _first;
    }

    private const int ChunkBlocks = Exceptions.ChunkException.MaxBlocks;
}
