using System.Buffers.Binary;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Transfer.Format;

/// <summary>The stream that carries a snapshot, or what changed between two, from one pool to another: its constants and its checksums.</summary>
/// <remarks>
/// <para>All numbers are little-endian. A header, then records, each complete in itself, of which the last says that it is the last:</para>
/// <code>
/// header   8  magic "THINSEND"             record   1  kind: 1 data, 2 zero, 3 end
///          2  version, 1                            3  zero
///          2  length of the header                  4  CRC32C of the record, salted
///          4  zero                                  8  number of the record, from 0
///         16  id of this stream                     8  offset
///         16  content id of the snapshot            8  length
///         16  content id of the base, or 0         ..  data, as many bytes as the length says
///          8  size of the volume
///          8  offset at which this part begins
///          8  creation time of the snapshot, Unix milliseconds
///          4  chunk size of its pool
///          4  block size of its pool
///          2  length of the name
///         ..  name of the snapshot, UTF-8
///          4  CRC32C of the header
/// </code>
/// <para>
/// A data record carries at most 1 MiB. A zero record says that its range reads as zero. What no record names is as in the base, or zero without one. Offsets
/// ascend and ranges do not overlap, so an offset says how far a stream was taken: a resumed stream leaves out what lies before. The end record
/// has the bytes of all data records as its offset and those of all zero records as its length.
/// </para>
/// <para>
/// The checksum of a record covers the stream's id, the record's header with zeros for the checksum, and its data: a flipped bit, a lost, doubled or moved
/// record and a record of another stream are all seen, and so is a cut, because then the end is missing.
/// </para>
/// </remarks>
internal static class TransferFormat
{
    public const ulong Magic = 0x444E45534E494854; // "THINSEND"
    public const ushort Version = 1;
    public const int HeadBytes = 12;
    public const int FixedHeaderBytes = 98;
    public const int MaxNameBytes = 1024;
    public const int MaxHeaderBytes = FixedHeaderBytes + MaxNameBytes + sizeof(uint);
    public const int RecordBytes = 32;
    public const int MaxDataBytes = 1 << 20;
    public const int ChecksumAt = 4;

    /// <summary>The checksum of a record whose own place for it is zero.</summary>
    public static uint ChecksumOf(Guid streamId, ReadOnlySpan<byte> record, ReadOnlySpan<byte> data)
    {
        Span<byte> salt = stackalloc byte[16];
        streamId.TryWriteBytes(salt);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Append(Crc32C.Start, salt), record), data));
    }

    /// <summary>Writes a record's header, sealed together with its data.</summary>
    public static void Seal(Span<byte> record, Guid streamId, TransferRecord head, ReadOnlySpan<byte> data)
    {
        record[..RecordBytes].Clear();
        record[0] = (byte)head.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], head.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], head.OffsetBytes);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], head.LengthBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record[ChecksumAt..], ChecksumOf(streamId, record[..RecordBytes], data));
    }

    /// <summary>Reads a record's header, nothing of which is known to be right yet.</summary>
    public static TransferRecord Parse(ReadOnlySpan<byte> record) => new(
        (TransferRecordKind)record[0],
        BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(record[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(record[24..]));

    /// <summary>Whether a record is what was sealed; clears the place of its checksum.</summary>
    public static bool IsSealed(Span<byte> record, Guid streamId, ReadOnlySpan<byte> data)
    {
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(record[ChecksumAt..]);
        record.Slice(ChecksumAt, sizeof(uint)).Clear();
        return stored == ChecksumOf(streamId, record[..RecordBytes], data);
    }
}
