using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>The unit in which the log is written, read and checked.</summary>
internal static class LogBlock
{
    /// <summary>Bytes in a block; FASTER aligns its I/O to this.</summary>
    public const int Bytes = 4096;

    /// <summary>The checksum of a block that has not been written; no block has it.</summary>
    public const uint Unwritten = 0;

    /// <summary>CRC32C of a block, never <see cref="Unwritten"/>.</summary>
    public static uint Checksum(ReadOnlySpan<byte> block)
    {
        uint checksum = Crc32C.Compute(block);
        return checksum == Unwritten ? uint.MaxValue : checksum;
    }
}
