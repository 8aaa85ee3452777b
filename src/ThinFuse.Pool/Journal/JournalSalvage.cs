using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// Reads what is left of a damaged journal: every record that its checksum proves, in order, with gaps where records are gone. Of a sound journal it reads
/// what <see cref="JournalScan"/> does. Changes nothing.
/// </summary>
internal sealed class JournalSalvage
{
    private readonly IStorage _storage;
    private readonly SegmentCatalog _catalog;
    private readonly RecordCodec _codec;
    private readonly long _firstSequence;
    private readonly long _lastCounted;
    private readonly List<(long First, long Last)> _gaps = [];

    /// <summary>See <see cref="JournalScan.Run"/> for the parameters.</summary>
    public JournalSalvage(IStorage storage, string directory, Guid poolId, long generation, long firstSequence, bool unsyncedSurvived)
    {
        _storage = storage;
        _catalog = SegmentCatalog.Read(storage, directory, poolId, generation);
        _codec = new RecordCodec(poolId, generation);
        _firstSequence = firstSequence;
        _lastCounted = unsyncedSurvived ? long.MaxValue : LastCovered();
    }

    /// <summary>Records that are gone, though later ones are there; after <see cref="Run"/>.</summary>
    public IReadOnlyList<(long First, long Last)> Gaps => _gaps;

    /// <summary>Visits the records that count, commit records left out.</summary>
    public void Run(JournalVisitor visitor)
    {
        _gaps.Clear();
        long expected = _firstSequence;
        Walk((in JournalRecord record) =>
        {
            if (record.Sequence < expected || record.Sequence > _lastCounted)
            {
                return;
            }

            if (record.Sequence > expected)
            {
                _gaps.Add((expected, record.Sequence - 1));
            }

            expected = record.Sequence + 1;
            if (record.Kind != RecordCodec.CommitKind)
            {
                visitor(record.Sequence, record.Kind, record.Payload);
            }
        });
    }

    private long LastCovered()
    {
        long covered = 0;
        Walk((in JournalRecord record) =>
        {
            if (CommitRecord.Is(record))
            {
                covered = Math.Max(covered, CommitRecord.Read(record).Covers);
            }
        });
        return covered;
    }

    /// <summary>Visits all records with a sequence larger than of any before, segment by segment; what is no record is passed over.</summary>
    private void Walk(JournalWalk.Visitor visitor)
    {
        long last = 0;
        foreach ((_, string path, SegmentHeader? header) in _catalog.From(0))
        {
            using SegmentImage image = SegmentImage.Load(_storage, path, header?.SegmentBytes ?? JournalOptions.MaxSegmentBytes);
            int offset = SegmentHeader.SizeBytes;
            while (offset < image.LengthBytes)
            {
                // Recycled segments are full of records with smaller sequences.
                ReadOnlySpan<byte> source = image.From(offset);
                if (RecordCodec.PeekSequence(source) > last && _codec.TryRead(source, out JournalRecord record))
                {
                    last = record.Sequence;
                    visitor(record);
                    offset += record.SizeBytes;
                }
                else
                {
                    offset += RecordCodec.Alignment;
                }
            }
        }
    }
}
