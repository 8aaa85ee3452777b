using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

/// <summary>A seeded run of appends, commits and releases, with what was acknowledged when; checks any crash state of it.</summary>
internal sealed class JournalWorkload(SimulatedDisk disk, int seed, long generation, long firstSequence)
{
    private readonly List<(int IoCount, long Sequence)> _appended = [];
    private readonly List<(int IoCount, long Sequence)> _committed = [];

    /// <summary>What the superblock says from some I/O on: where recovery starts.</summary>
    private readonly List<(int IoCount, long FirstSequence)> _superblocks = [];

    internal SimulatedDisk Disk => disk;

    internal Dictionary<long, byte[]> Appended { get; } = [];

    internal int CreatedAt { get; private set; }

    /// <summary>I/Os before the first release.</summary>
    internal int FirstReleaseAt { get; private set; } = int.MaxValue;

    internal void Run(int steps, bool mayRelease = true)
    {
        Random random = new(seed);
        using Journal journal = TestJournal.Create(disk, generation, firstSequence);
        CreatedAt = disk.IoCount;
        _superblocks.Add((CreatedAt, firstSequence));
        for (int step = 0; step < steps; step++)
        {
            switch (random.Next(20))
            {
                case < 4:
                    // Acknowledged with what comes next.
                    byte[] payload = TestJournal.RandomPayload(random);
                    Appended.Add(journal.AppendDeferred(TestJournal.KindOf(payload), payload), payload);
                    break;
                case < 6:
                    journal.WriteDeferred();
                    _appended.Add((disk.IoCount, Appended.Count == 0 ? 0 : Appended.Keys.Max()));
                    break;
                case < 14:
                    long sequence = TestJournal.Append(journal, Appended, TestJournal.RandomPayload(random));
                    _appended.Add((disk.IoCount, sequence));
                    break;
                case < 19 or 19 when !mayRelease:
                    long last = journal.LastSequence;
                    journal.Commit(() => { });
                    _committed.Add((disk.IoCount, last));
                    break;
                default:
                    long start = journal.LastSequence + 1 - random.Next(6);
                    if (start >= _superblocks[^1].FirstSequence)
                    {
                        _superblocks.Add((disk.IoCount, start));
                        FirstReleaseAt = Math.Min(FirstReleaseAt, disk.IoCount);
                        journal.ReleaseBefore(start);
                    }
                    break;
            }
        }
    }

    internal long FirstSequenceAt(int ioCount) => _superblocks.FindLast(entry => entry.IoCount <= ioCount).FirstSequence;

    internal void CheckKill(int ioCount, int tornBytes)
    {
        string because = $"seed {seed}, killed after {ioCount} and {tornBytes} bytes";
        JournalScanResult result = Scan(disk.AfterKill(ioCount, tornBytes), ioCount, unsyncedSurvived: true, because);
        result.LastAppliedSequence.Should().BeGreaterThanOrEqualTo(Last(_appended, ioCount), because);
        result.LastValidSequence.Should().Be(result.LastAppliedSequence, because);
    }

    internal void CheckPowerCut(int ioCount, int cutSeed)
    {
        string because = $"seed {seed}, power cut after {ioCount} with seed {cutSeed}";
        JournalScanResult result = Scan(disk.AfterPowerCut(ioCount, cutSeed), ioCount, unsyncedSurvived: false, because);
        result.LastAppliedSequence.Should().BeGreaterThanOrEqualTo(Last(_committed, ioCount), because);
    }

    private static long Last(List<(int IoCount, long Sequence)> acknowledged, int ioCount) =>
        acknowledged.FindLast(entry => entry.IoCount <= ioCount).Sequence;

    private JournalScanResult Scan(SimulatedDisk crashed, int ioCount, bool unsyncedSurvived, string because) =>
        TestJournal.Scan(crashed, Appended, FirstSequenceAt(ioCount), unsyncedSurvived, because, generation);
}
