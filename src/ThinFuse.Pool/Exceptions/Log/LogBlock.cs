using System.Buffers.Binary;
using System.Numerics;

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
        uint checksum = Crc32C(block);
        return checksum == Unwritten ? uint.MaxValue : checksum;
    }

    /// <summary>CRC32C (Castagnoli) of any bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
