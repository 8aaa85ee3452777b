using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// Goes through the unbroken run of valid records, from a segment's first record to the first sequence that is not there.
/// </summary>
internal sealed class JournalWalk(IStorage storage, SegmentCatalog catalog, RecordCodec codec)
{
    internal delegate void Visitor(in JournalRecord record);

    /// <summary>Visits the records up to a sequence; returns where it found no next one.</summary>
    internal JournalEnd Run(long ordinal, long lastSequence, Visitor visitor)
    {
        JournalEnd end = default;
        long sequence = 0;
        while (catalog.TryGet(ordinal, out string path, out SegmentHeader header) && (sequence == 0 || header.FirstSequence == sequence))
        {
            sequence = header.FirstSequence;
            using SegmentImage image = SegmentImage.Load(storage, path, header.SegmentBytes);
            int offset = SegmentHeader.SizeBytes;
            while (sequence <= lastSequence && codec.TryRead(image.From(offset), out JournalRecord record) && record.Sequence == sequence)
            {
                visitor(record);
                offset += record.SizeBytes;
                sequence++;
            }
            end = new JournalEnd(sequence, ordinal, offset, path);
            ordinal++;
        }
        return end;
    }
}
