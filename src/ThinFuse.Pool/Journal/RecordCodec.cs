using System.Buffers.Binary;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>Records as bytes.</summary>
/// <remarks>
/// <para>Little endian: CRC-32C 4, payload length 4, sequence 8, kind 1, payload, zeroes up to a multiple of 8.</para>
/// <para>
/// The checksum starts from the pool id and the generation, so a record is valid only in the journal it was written for; it covers
/// all but itself and the padding. Kind 0 is a commit record: covers 8, flushedBefore 8 (see <see cref="CommitRecord"/>).
/// </para>
/// </remarks>
internal readonly struct RecordCodec
{
    internal const byte CommitKind = 0;
    internal const int Alignment = 8;
    internal const int LargestPayloadBytes = 64 << 10;

    private const int LengthOffset = 4;
    private const int SequenceOffset = 8;
    private const int KindOffset = 16;
    private const int PayloadOffset = 17;

    private readonly uint _salt;

    internal RecordCodec(Guid poolId, long generation)
    {
        Span<byte> salt = stackalloc byte[24];
        poolId.TryWriteBytes(salt);
        BinaryPrimitives.WriteInt64LittleEndian(salt[16..], generation);
        _salt = Crc32C.Append(Crc32C.Start, salt);
    }

    /// <summary>Bytes a record takes in the segment.</summary>
    internal static int SizeBytes(int payloadBytes) => (PayloadOffset + payloadBytes + Alignment - 1) & -Alignment;

    /// <summary>Encodes a record; <paramref name="target"/> has exactly its size.</summary>
    internal void Write(Span<byte> target, long sequence, byte kind, ReadOnlySpan<byte> payload)
    {
        target[(PayloadOffset + payload.Length)..].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target[LengthOffset..], payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[SequenceOffset..], sequence);
        target[KindOffset] = kind;
        payload.CopyTo(target[PayloadOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Checksum(target[..(PayloadOffset + payload.Length)]));
    }

    /// <summary>
    /// The sequence that stands at the start of <paramref name="source"/>, whatever it is worth; 0 when there is no room for a record.
    /// </summary>
    internal static long PeekSequence(ReadOnlySpan<byte> source) =>
        source.Length < PayloadOffset ? 0 : BinaryPrimitives.ReadInt64LittleEndian(source[SequenceOffset..]);

    /// <summary>The bytes where the sequence stands of a record at the start of <paramref name="source"/>, and at each aligned place after that.</summary>
    internal static ReadOnlySpan<byte> SequencesFrom(ReadOnlySpan<byte> source) => source.Length < PayloadOffset ? [] : source[SequenceOffset..];

    /// <summary>Whether a commit record might start here: cheap, and without the checksum.</summary>
    internal static bool LooksLikeCommit(ReadOnlySpan<byte> source) =>
        source.Length >= PayloadOffset && source[KindOffset] == CommitKind
        && BinaryPrimitives.ReadInt32LittleEndian(source[LengthOffset..]) == CommitRecord.SizeBytes;

    /// <summary>
    /// Decodes the record at the start of <paramref name="source"/>, which may hold anything; false when it is none of this journal.
    /// </summary>
    internal bool TryRead(ReadOnlySpan<byte> source, out JournalRecord record)
    {
        record = default;
        if (source.Length < PayloadOffset)
        {
            return false;
        }
        int payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(source[LengthOffset..]);
        if (payloadBytes < 0 || payloadBytes > Math.Min(LargestPayloadBytes, source.Length - PayloadOffset)
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Checksum(source[..(PayloadOffset + payloadBytes)]))
        {
            return false;
        }
        record = new JournalRecord(
            BinaryPrimitives.ReadInt64LittleEndian(source[SequenceOffset..]),
            source[KindOffset],
            source.Slice(PayloadOffset, payloadBytes));
        return true;
    }

    private uint Checksum(ReadOnlySpan<byte> record) => Crc32C.Finish(Crc32C.Append(_salt, record[LengthOffset..]));
}
