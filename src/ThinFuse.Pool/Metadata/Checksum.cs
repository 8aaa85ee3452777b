using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Metadata;

/// <summary>CRC32C (Castagnoli), salted, over whole structures.</summary>
internal static class Checksum
{
    public static uint Compute(ReadOnlySpan<byte> data, ulong salt)
    {
        uint crc = BitOperations.Crc32C(uint.MaxValue, salt);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (byte rest in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }

    /// <summary>Puts the checksum of all but the last four bytes into the last four.</summary>
    public static void Seal(Span<byte> structure, ulong salt) =>
        BinaryPrimitives.WriteUInt32LittleEndian(structure[^4..], Compute(structure[..^4], salt));

    public static bool IsSealed(ReadOnlySpan<byte> structure, ulong salt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(structure[^4..]) == Compute(structure[..^4], salt);
}
