using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

/// <summary>Small segments, and the model of a journal: what was appended, by sequence.</summary>
internal static class TestJournal
{
    internal const string Folder = "journal";

    internal static readonly Guid PoolId = new("0b9f3c36-9f64-4b6e-8a0e-0d6f3a3d1c11");

    internal static readonly JournalOptions Options = new()
    {
        SegmentBytes = JournalOptions.MinSegmentBytes,
        SpareSegments = 1,
        MaxSpareSegments = 2,
    };

    internal static Journal Create(IStorage disk, long generation = 1, long firstSequence = 1, JournalOptions? options = null) =>
        Journal.Create(disk, Folder, PoolId, generation, firstSequence, options ?? Options);

    /// <summary>Scans; every record is checked against what was appended under its sequence, and to follow the one before.</summary>
    internal static JournalScanResult Scan(
        IStorage disk,
        IReadOnlyDictionary<long, byte[]> appended,
        long firstSequence,
        bool unsyncedSurvived,
        string because,
        long generation = 1)
    {
        List<long> visited = [];
        JournalVisitor visit = (sequence, kind, payload) =>
        {
            visited.Add(sequence);
            appended.Should().ContainKey(sequence, because);
            payload.SequenceEqual(appended[sequence]).Should().BeTrue($"{because}, record {sequence}");
            kind.Should().Be(KindOf(payload), because);
        };
        JournalScanResult result = JournalScan.Run(disk, Folder, PoolId, generation, firstSequence, unsyncedSurvived, visit);
        IEnumerable<long> expected = appended.Keys.Where(sequence => sequence >= firstSequence && sequence <= result.LastAppliedSequence);
        visited.Should().Equal(expected.Order(), because);
        result.LastValidSequence.Should().BeGreaterThanOrEqualTo(result.LastAppliedSequence, because);
        result.LastAppliedSequence.Should().BeGreaterThanOrEqualTo(firstSequence - 1, because);
        return result;
    }

    internal static byte[] RandomPayload(Random random, int maxBytes = 400)
    {
        byte[] payload = new byte[random.Next(maxBytes)];
        random.NextBytes(payload);
        return payload;
    }

    internal static byte KindOf(ReadOnlySpan<byte> payload) => (byte)(1 + payload.Length % 200);

    internal static long Append(Journal journal, IDictionary<long, byte[]> appended, byte[] payload)
    {
        long sequence = journal.Append(KindOf(payload), payload);
        appended.Add(sequence, payload);
        return sequence;
    }

    internal static int Errno_of(Action action) => action.Should().Throw<StorageException>().Which.ErrorNumber;

    internal static IEnumerable<string> Segments(SimulatedDisk disk) => disk.List(Folder).Order(StringComparer.Ordinal);
}
