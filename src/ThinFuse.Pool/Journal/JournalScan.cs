using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>Reads a journal back after the process that wrote it has ended, one way or the other. Changes nothing.</summary>
public static class JournalScan
{
    /// <summary>
    /// Hands the records from <paramref name="firstSequence"/> on to the visitor, in order and without gaps, up to the last that counts.
    /// Commit records are not shown.
    /// </summary>
    /// <param name="storage">Where the journal is.</param>
    /// <param name="directory">Its directory.</param>
    /// <param name="poolId">The pool it was written for.</param>
    /// <param name="generation">The generation it was created with, from the superblock.</param>
    /// <param name="firstSequence">The first record that is not in the checkpoint, from the superblock.</param>
    /// <param name="unsyncedSurvived">
    /// Whether this is still the boot in which it was written. Then every valid record counts, for all of them were in the page cache.
    /// Otherwise those count that a commit covers; data of later ones may be lost, and so they are dropped.
    /// </param>
    /// <param name="visitor">Is called for each record. Its exceptions end the scan.</param>
    /// <exception cref="InvalidDataException">
    /// Damage: something that was surely there cannot be read. The message, one line, names file and offset. A torn end is no damage.
    /// The visitor was not called.
    /// </exception>
    /// <exception cref="StorageException">Reading failed.</exception>
    public static JournalScanResult Run(
        IStorage storage, string directory, Guid poolId, long generation, long firstSequence, bool unsyncedSurvived, JournalVisitor visitor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, 1);
        SegmentCatalog catalog = SegmentCatalog.Read(storage, directory, poolId, generation);
        RecordCodec codec = new(poolId, generation);
        long startOrdinal = catalog.FindOrdinal(firstSequence)
            ?? throw new InvalidDataException(
                $"journal {directory}: the segment with record {firstSequence} of generation {generation} is missing");

        JournalWalk walk = new(storage, catalog, codec);
        long lastCovered = firstSequence - 1;
        JournalEnd end = walk.Run(startOrdinal, long.MaxValue, (in JournalRecord record) =>
        {
            if (CommitRecord.Is(record))
            {
                lastCovered = Math.Max(lastCovered, CommitRecord.Read(record).Covers);
            }
        });
        new DamageProof(storage, catalog, codec, unsyncedSurvived).ThrowIfMissed(end);

        long lastValid = Math.Max(firstSequence - 1, end.MissingSequence - 1);
        long lastApplied = unsyncedSurvived ? lastValid : lastCovered;
        walk.Run(startOrdinal, lastApplied, (in JournalRecord record) =>
        {
            if (record.Sequence >= firstSequence && record.Kind != RecordCodec.CommitKind)
            {
                visitor(record.Sequence, record.Kind, record.Payload);
            }
        });
        return new JournalScanResult(lastApplied, lastValid);
    }
}
