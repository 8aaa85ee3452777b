namespace ThinFuse.Pool.Journaling;

/// <summary>A valid record; the payload lies in the buffer it was read from.</summary>
internal readonly ref struct JournalRecord(long sequence, byte kind, ReadOnlySpan<byte> payload)
{
    internal long Sequence { get; } = sequence;

    internal byte Kind { get; } = kind;

    internal ReadOnlySpan<byte> Payload { get; } = payload;

    internal int SizeBytes => RecordCodec.SizeBytes(Payload.Length);
}
