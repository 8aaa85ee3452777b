using System.Buffers.Binary;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>The first bytes of a segment that is, or was, in use. A spare has none that fits its name.</summary>
/// <remarks>
/// Little endian: magic 8, version 4, segmentBytes 4, pool id 16, generation 8, ordinal 8, first sequence 8, zero 4, CRC-32C 4.
/// </remarks>
internal readonly record struct SegmentHeader(SegmentName Name, long FirstSequence, int SegmentBytes)
{
    internal const int SizeBytes = 64;

    private const ulong Magic = 0x314C4E524A4E4854; // "THNJRNL1"
    private const uint Version = 1;
    private const int ChecksumOffset = 60;

    internal void Write(Span<byte> target, Guid poolId)
    {
        target[..SizeBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], SegmentBytes);
        poolId.TryWriteBytes(target[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], Name.Generation);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], Name.Ordinal);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Checksum(target));
    }

    /// <summary>False when these bytes are not the header of the segment <paramref name="name"/> of this pool.</summary>
    /// <exception cref="InvalidDataException">They are, in a version that is not known here.</exception>
    internal static bool TryRead(ReadOnlySpan<byte> source, Guid poolId, SegmentName name, out SegmentHeader header)
    {
        header = default;
        if (source.Length < SizeBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Checksum(source)
            || new Guid(source.Slice(16, 16)) != poolId)
        {
            return false;
        }
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        if (version != Version)
        {
            throw new InvalidDataException($"journal {name} has format version {version}; this program knows {Version}");
        }
        header = new SegmentHeader(
            new SegmentName(BinaryPrimitives.ReadInt64LittleEndian(source[32..]), BinaryPrimitives.ReadInt64LittleEndian(source[40..])),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]));
        return header.Name == name && header.FirstSequence > 0
            && header.SegmentBytes is >= JournalOptions.MinSegmentBytes and <= JournalOptions.MaxSegmentBytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> header) => Crc32C.Compute(header[..ChecksumOffset]);
}
