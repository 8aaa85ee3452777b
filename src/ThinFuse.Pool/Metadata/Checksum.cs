using System.Buffers.Binary;
using System.Numerics;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Metadata;

/// <summary>CRC32C (Castagnoli), salted, over whole structures.</summary>
internal static class Checksum
{
    public static uint Compute(ReadOnlySpan<byte> data, ulong salt) =>
        Crc32C.Finish(Crc32C.Append(BitOperations.Crc32C(Crc32C.Start, salt), data));

    /// <summary>Puts the checksum of all but the last four bytes into the last four.</summary>
    public static void Seal(Span<byte> structure, ulong salt) =>
        BinaryPrimitives.WriteUInt32LittleEndian(structure[^4..], Compute(structure[..^4], salt));

    public static bool IsSealed(ReadOnlySpan<byte> structure, ulong salt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(structure[^4..]) == Compute(structure[..^4], salt);
}
