using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

/// <summary>Records that wait for one write.</summary>
public sealed class DeferredRecordTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly Dictionary<long, byte[]> _appended = [];

    [Fact]
    public void They_wait_until_told_or_until_one_that_does_not_wait()
    {
        using Journal journal = TestJournal.Create(_disk);
        int ioCount = _disk.IoCount;
        Defer(journal, [1]).Should().Be(1);
        Defer(journal, [2]).Should().Be(2);
        (_disk.IoCount, journal.LastSequence).Should().Be((ioCount, 2));
        LastInFile().Should().Be(0);

        journal.WriteDeferred();
        _disk.IoCount.Should().Be(ioCount + 1);
        LastInFile().Should().Be(2);
        journal.WriteDeferred();
        _disk.IoCount.Should().Be(ioCount + 1, "nothing waits");

        Defer(journal, [3]);
        TestJournal.Append(journal, _appended, [4]).Should().Be(4);
        _disk.IoCount.Should().Be(ioCount + 2, "one write takes both");
        LastInFile().Should().Be(4);
    }

    [Fact]
    public void A_commit_makes_them_durable()
    {
        using Journal journal = TestJournal.Create(_disk);
        Defer(journal, [1]);
        journal.Commit(() => { });
        journal.DurableSequence.Should().Be(1);
        TestJournal.Scan(_disk.AfterPowerCut(_disk.IoCount, 0), _appended, 1, false, "committed").LastAppliedSequence.Should().Be(1);
    }

    [Fact]
    public void More_than_a_buffer_and_a_segment_hold_stay_in_order()
    {
        using Journal journal = TestJournal.Create(_disk);
        Random random = new(3);
        for (int i = 0; i < 500; i++)
        {
            Defer(journal, i % 50 == 0 ? new byte[journal.MaxPayloadBytes] : TestJournal.RandomPayload(random));
        }

        LastInFile().Should().BeLessThan(500).And.BePositive("only what there was no place for has been written");
        journal.WriteDeferred();
        LastInFile().Should().Be(500);
    }

    [Fact]
    public void Closing_drops_them()
    {
        using (Journal journal = TestJournal.Create(_disk))
        {
            TestJournal.Append(journal, _appended, [1]);
            Defer(journal, [2]);
        }

        LastInFile().Should().Be(1);
    }

    private long Defer(Journal journal, byte[] payload)
    {
        long sequence = journal.AppendDeferred(TestJournal.KindOf(payload), payload);
        _appended.Add(sequence, payload);
        return sequence;
    }

    private long LastInFile() => TestJournal.Scan(_disk.AfterKill(_disk.IoCount), _appended, 1, true, "in the file").LastAppliedSequence;
}
