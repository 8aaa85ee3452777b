using System.Buffers.Binary;

namespace ThinFuse.Pool.Journaling;

/// <summary>What a commit record says.</summary>
/// <param name="Covers">Every record up to this sequence may be applied after power loss: the data it speaks of was flushed before.</param>
/// <param name="FlushedBefore">
/// Every record up to this sequence was on the disk before this one was written: if it cannot be read now, the disk is damaged.
/// </param>
internal readonly record struct CommitRecord(long Covers, long FlushedBefore)
{
    internal const int SizeBytes = 16;

    internal void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload, Covers);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], FlushedBefore);
    }

    internal static CommitRecord Read(in JournalRecord record) => new(
        BinaryPrimitives.ReadInt64LittleEndian(record.Payload), BinaryPrimitives.ReadInt64LittleEndian(record.Payload[8..]));

    /// <summary>Whether a valid record is a commit record.</summary>
    internal static bool Is(in JournalRecord record) => record.Kind == RecordCodec.CommitKind && record.Payload.Length == SizeBytes;
}
