using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// Tells a torn end, which every crash may leave, from damage: looks behind the end of the journal for a valid record that could not be
/// there if the missing one had not been there before.
/// </summary>
/// <param name="storage">Where the files are.</param>
/// <param name="catalog">The files.</param>
/// <param name="codec">Reads their records.</param>
/// <param name="unsyncedSurvived">
/// Records are written one after another, so within one boot any later record is proof. After power loss later ones may have reached
/// the disk alone; then it takes a commit record which says that the missing one was flushed before.
/// </param>
internal sealed class DamageProof(IStorage storage, SegmentCatalog catalog, RecordCodec codec, bool unsyncedSurvived)
{
    /// <summary>More records than this no segment holds.</summary>
    private static readonly long SegmentRecords = JournalOptions.MaxSegmentBytes / RecordCodec.SizeBytes(payloadBytes: 0);

    /// <exception cref="InvalidDataException">There is proof.</exception>
    internal void ThrowIfMissed(in JournalEnd end)
    {
        foreach ((long ordinal, string path, SegmentHeader? header) in catalog.From(end.Ordinal))
        {
            if (unsyncedSurvived && ordinal > end.Ordinal && header is not null)
            {
                throw Damage(end, $"{path} was started after it");
            }
            using SegmentImage image = SegmentImage.Load(storage, path, header?.SegmentBytes ?? JournalOptions.MaxSegmentBytes);
            int start = ordinal == end.Ordinal ? end.Offset : SegmentHeader.SizeBytes;

            // Only so many records fit in between: what a larger number stands for was never a sequence, and its checksum need not be tried.
            long lastSequence = end.MissingSequence + ((ordinal - end.Ordinal + 1) * SegmentRecords);
            for (int offset = start; offset < image.LengthBytes; offset += RecordCodec.Alignment)
            {
                offset = SkipToLaterSequence(image, offset, end.MissingSequence, lastSequence);
                if (IsProof(image.From(offset), end.MissingSequence, lastSequence))
                {
                    throw Damage(end, $"{path} offset {offset} was written after it");
                }
            }
        }
    }

    private static InvalidDataException Damage(in JournalEnd end, string proof) =>
        new($"journal {end.Path} offset {end.Offset}: record {end.MissingSequence} is damaged or missing, but {proof}");

    /// <summary>
    /// The first offset, from this on, where a later sequence could stand. Space that was never written is passed as fast as memory is read, and there is
    /// much of it.
    /// </summary>
    private static int SkipToLaterSequence(SegmentImage image, int offset, long missingSequence, long lastSequence)
    {
        while (true)
        {
            ReadOnlySpan<byte> sequences = RecordCodec.SequencesFrom(image.From(offset));
            int skippedBytes = SequenceSearch.SkipOthers(sequences, missingSequence + 1, lastSequence);
            offset += skippedBytes;
            if (sequences.Length - skippedBytes >= RecordCodec.Alignment || skippedBytes == 0)
            {
                return offset;
            }
        }
    }

    private bool IsProof(ReadOnlySpan<byte> source, long missingSequence, long lastSequence)
    {
        // Recycled segments are full of records with smaller sequences.
        long sequence = RecordCodec.PeekSequence(source);
        if (sequence <= missingSequence || sequence > lastSequence || (!unsyncedSurvived && !RecordCodec.LooksLikeCommit(source)))
        {
            return false;
        }
        return codec.TryRead(source, out JournalRecord record)
            && (unsyncedSurvived || (CommitRecord.Is(record) && CommitRecord.Read(record).FlushedBefore >= missingSequence));
    }
}
