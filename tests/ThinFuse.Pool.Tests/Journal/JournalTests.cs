using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Memory;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Tests.Storage;

namespace ThinFuse.Pool.Tests.Journaling;

public sealed class JournalTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly Dictionary<long, byte[]> _appended = [];

    [Fact]
    public void Sequences_start_where_told_and_commits_make_them_durable()
    {
        using Journal journal = TestJournal.Create(_disk, firstSequence: 100);
        List<long> committed = [];
        journal.Committed += committed.Add;
        (journal.LastSequence, journal.DurableSequence).Should().Be((99, 99));
        TestJournal.Append(journal, _appended, [1]).Should().Be(100);
        TestJournal.Append(journal, _appended, []).Should().Be(101);
        journal.DurableSequence.Should().Be(99);
        int flushes = 0;
        journal.Commit(() => flushes++);
        (journal.DurableSequence, flushes).Should().Be((101, 1));
        int ioCount = _disk.IoCount;
        journal.Commit(() => flushes++);
        (_disk.IoCount, flushes).Should().Be((ioCount, 2), "without new records only the data is flushed");
        committed.Should().Equal(101);
        TestJournal.Append(journal, _appended, [2]).Should().Be(103, "the commit took 102");
    }

    [Fact]
    public void Kind_zero_and_too_long_payloads_are_refused_and_the_longest_fits()
    {
        using Journal journal = TestJournal.Create(_disk);
        journal.Invoking(j => j.Append(0, [])).Should().Throw<ArgumentOutOfRangeException>();
        journal.Invoking(j => j.Append(1, new byte[j.MaxPayloadBytes + 1])).Should().Throw<ArgumentOutOfRangeException>();
        for (int i = 0; i < 10; i++)
        {
            TestJournal.Append(journal, _appended, new byte[journal.MaxPayloadBytes]);
        }
        TestJournal.Scan(_disk, _appended, 1, true, "longest").LastAppliedSequence.Should().Be(10);
        using Journal large = Journal.Create(new SimulatedDisk(), "j", Guid.NewGuid(), 1, 1, new JournalOptions());
        large.MaxPayloadBytes.Should().Be(65536);
    }

    [Theory]
    [InlineData(0, 1, 4)]
    [InlineData(4095, 1, 4)]
    [InlineData(5000, 1, 4)]
    [InlineData(JournalOptions.MaxSegmentBytes + 4096, 1, 4)]
    [InlineData(4096, 0, 4)]
    [InlineData(4096, 2, 1)]
    public void Options_that_make_no_sense_are_refused(int segmentBytes, int spares, int maxSpares)
    {
        JournalOptions options = new() { SegmentBytes = segmentBytes, SpareSegments = spares, MaxSpareSegments = maxSpares };
        FluentActions.Invoking(() => TestJournal.Create(_disk, options: options)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Released_segments_are_used_again_and_the_directory_stays_small()
    {
        using Journal journal = TestJournal.Create(_disk);
        Random random = new(5);
        long released = 1;
        for (int i = 0; i < 2000; i++)
        {
            long sequence = TestJournal.Append(journal, _appended, TestJournal.RandomPayload(random));
            if (i % 20 == 19)
            {
                journal.BytesSinceRelease.Should().BePositive();
                journal.Commit(() => { });
                TestJournal.Scan(_disk, _appended, released, false, $"record {sequence}").LastAppliedSequence.Should().Be(sequence);
                released = sequence - 1;
                journal.ReleaseBefore(released);
                TestJournal.Scan(_disk, _appended, released, true, $"record {sequence}").LastValidSequence.Should().Be(sequence + 1);
                journal.BytesSinceRelease.Should().Be(0);
                journal.LiveBytes.Should().BeLessThanOrEqualTo(3 * TestJournal.Options.SegmentBytes);
                _disk.List(TestJournal.Folder).Count.Should().BeLessThanOrEqualTo(5);
            }
        }
        _disk.Log.Should().Contain(io => io.Kind == SimulatedIoKind.Rename);
        _disk.Log.Should().Contain(io => io.Kind == SimulatedIoKind.Delete);
    }

    [Fact]
    public void Segments_are_not_released_before_they_are_flushed()
    {
        using Journal journal = TestJournal.Create(_disk);
        long last = 0;
        while (journal.LiveBytes < 4 * TestJournal.Options.SegmentBytes)
        {
            last = TestJournal.Append(journal, _appended, new byte[300]);
        }
        journal.ReleaseBefore(last + 1);
        journal.LiveBytes.Should().Be(4 * TestJournal.Options.SegmentBytes);
        journal.Commit(() => { });
        journal.ReleaseBefore(last + 1);
        journal.LiveBytes.Should().Be(TestJournal.Options.SegmentBytes);
    }

    [Fact]
    public void On_a_full_host_headroom_ends_first_then_appends_are_refused_and_commits_still_work()
    {
        using Journal journal = TestJournal.Create(_disk);
        journal.HasHeadroom.Should().BeTrue();
        _disk.CapacityBytes = 2 * TestJournal.Options.SegmentBytes;
        long last = 0;
        while (journal.HasHeadroom)
        {
            last = TestJournal.Append(journal, _appended, new byte[50]);
        }
        journal.Replenish().Should().BeFalse();
        long afterHeadroom = last;
        FluentActions.Invoking(() =>
        {
            while (true)
            {
                last = TestJournal.Append(journal, _appended, new byte[50]);
            }
        }).Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
        last.Should().BeGreaterThan(afterHeadroom + 10, "what is preallocated is used");

        journal.Commit(() => { });
        journal.DurableSequence.Should().Be(last);
        TestJournal.Scan(_disk.AfterPowerCut(_disk.IoCount, 0), _appended, 1, false, "full").LastAppliedSequence.Should().Be(last);

        journal.ReleaseBefore(last + 1);
        journal.HasHeadroom.Should().BeTrue("the released segment is a spare now");
        TestJournal.Append(journal, _appended, new byte[50]);
        _disk.CapacityBytes = null;
        journal.Replenish().Should().BeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(17)]
    [InlineData(25)]
    [InlineData(33)]
    [InlineData(41)]
    public void A_commit_under_way_when_the_last_segment_fills_up_and_the_one_after_it_find_room(int payloadBytes)
    {
        using Journal journal = TestJournal.Create(_disk);
        _disk.CapacityBytes = 2 * TestJournal.Options.SegmentBytes;
        TestJournal.Append(journal, _appended, new byte[payloadBytes]);
        journal.Commit(() => FillUp(journal, payloadBytes));
        journal.DurableSequence.Should().Be(1);
        journal.Commit(() => { });
        journal.DurableSequence.Should().BeGreaterThan(10);
        TestJournal.Scan(_disk.AfterPowerCut(_disk.IoCount, 0), _appended, 1, false, "full")
            .LastAppliedSequence.Should().Be(journal.DurableSequence);
    }

    [Fact]
    public void The_segment_of_the_first_record_that_is_needed_is_kept()
    {
        using Journal journal = TestJournal.Create(_disk);
        string first = TestJournal.Segments(_disk).First();
        long last = 0;
        while (journal.LiveBytes == TestJournal.Options.SegmentBytes)
        {
            last = TestJournal.Append(journal, _appended, new byte[100]);
        }
        long lastOfFirst = last - 1;
        journal.Commit(() => { });
        journal.ReleaseBefore(lastOfFirst);
        TestJournal.Scan(_disk, _appended, lastOfFirst, false, "kept").LastAppliedSequence.Should().Be(last);
        journal.ReleaseBefore(lastOfFirst + 1);
        TestJournal.Segments(_disk).Should().NotContain(first);
        TestJournal.Scan(_disk, _appended, lastOfFirst + 1, false, "released").LastAppliedSequence.Should().Be(last);
    }

    [Fact]
    public void A_record_of_an_earlier_generation_is_none_of_this_one_though_place_and_sequence_fit()
    {
        using Journal first = TestJournal.Create(_disk);
        string firstPath = Path.Combine(TestJournal.Folder, TestJournal.Segments(_disk).First());
        first.Append(TestJournal.KindOf(new byte[100]), new byte[100]);
        using Journal second = TestJournal.Create(_disk, generation: 2);
        string secondName = TestJournal.Segments(_disk).First(name => !firstPath.EndsWith(name, StringComparison.Ordinal));
        string secondPath = Path.Combine(TestJournal.Folder, secondName);
        byte[] stale = new byte[TestJournal.Options.SegmentBytes - 64];
        using IStorageFile source = _disk.Open(firstPath, StorageOpenMode.Read, StorageCaching.Cached);
        using IStorageFile target = _disk.Open(secondPath, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        source.Read(64, stale);
        target.Write(64, stale);
        TestJournal.Scan(_disk, new Dictionary<long, byte[]>(), 1, true, "stale", generation: 2).LastValidSequence.Should().Be(0);
        TestJournal.Scan(_disk, new Dictionary<long, byte[]> { [1] = new byte[100] }, 1, true, "first").LastValidSequence.Should().Be(1);
    }

    [Fact]
    public void A_full_host_lets_a_journal_start_in_the_spare_of_the_last_one()
    {
        Journal first = TestJournal.Create(_disk);
        TestJournal.Append(first, _appended, [1]);
        first.Commit(() => { });
        first.Dispose();
        _disk.CapacityBytes = 2 * TestJournal.Options.SegmentBytes;
        using Journal second = TestJournal.Create(_disk, generation: 2, firstSequence: 2);
        second.HasHeadroom.Should().BeFalse();
        TestJournal.Scan(_disk, _appended, 1, false, "the first is still there").LastAppliedSequence.Should().Be(1);
        second.ReleaseBefore(2);
        second.HasHeadroom.Should().BeTrue();
    }

    [Fact]
    public void Without_room_for_a_first_segment_there_is_no_journal()
    {
        _disk.CapacityBytes = TestJournal.Options.SegmentBytes - 1;
        TestJournal.Errno_of(() => TestJournal.Create(_disk)).Should().Be(Errno.ENOSPC);
    }

    [Fact]
    public void An_append_that_failed_has_failed_for_good()
    {
        using Journal journal = TestJournal.Create(_disk);
        TestJournal.Append(journal, _appended, [1]);
        _disk.Inject(new SimulatedFault("*/segment-*", SimulatedIoKind.Write, Errno.EIO) { PartialBytes = 9 });
        TestJournal.Errno_of(() => journal.Append(1, [2])).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Append(1, [3])).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Commit(() => { })).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.ReleaseBefore(1)).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Replenish()).Should().Be(Errno.EIO);
        journal.LastSequence.Should().Be(1);
        TestJournal.Scan(_disk, _appended, 1, true, "torn").LastAppliedSequence.Should().Be(1);
    }

    [Fact]
    public void A_journal_flush_that_failed_has_failed_for_good()
    {
        using Journal journal = TestJournal.Create(_disk);
        TestJournal.Append(journal, _appended, [1]);
        _disk.Inject(new SimulatedFault("*/segment-*", SimulatedIoKind.Flush, Errno.EIO));
        TestJournal.Errno_of(() => journal.Commit(() => { })).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Commit(() => { })).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Append(1, [2])).Should().Be(Errno.EIO);
        journal.DurableSequence.Should().Be(0);
    }

    [Theory]
    [InlineData(SimulatedIoKind.Create)]
    [InlineData(SimulatedIoKind.Allocate)]
    [InlineData(SimulatedIoKind.SyncDirectory)]
    public void A_spare_that_cannot_be_made_for_another_reason_than_room_fails_the_journal(SimulatedIoKind kind)
    {
        using Journal journal = TestJournal.Create(_disk);
        _disk.Inject(new SimulatedFault("*journal*", kind, Errno.EIO));
        TestJournal.Errno_of(() => FillUp(journal, 60)).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Append(1, [])).Should().Be(Errno.EIO);
    }

    [Fact]
    public void Who_appends_makes_no_spare_while_one_is_left_and_somebody_else_makes_them()
    {
        SimulatedDisk disk = new();
        using Journal journal = TestJournal.Create(disk, options: TestJournal.Options with { SpareSegments = 2 });
        int asked = 0;
        journal.SparesWanted = () => asked++;
        int files = Files();

        while (asked == 0)
        {
            journal.Append(1, new byte[300]);
        }

        Files().Should().Be(files, "the spare that is left will do until others are made");
        journal.Replenish();
        Files().Should().Be(files + 1);
        while (asked < 3)
        {
            journal.Append(1, new byte[300]);
        }

        Files().Should().BeGreaterThan(files + 1, "with no spare left, it is made at once");

        int Files() => disk.List(TestJournal.Folder).Count;
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        using TemporaryDirectory directory = new();
        using Journal journal = TestJournal.Create(new PosixStorage(directory.FullPath), options: new JournalOptions());
        byte[] payload = new byte[100];
        journal.Append(1, payload);
        Allocations.LeastBytesOf(AppendMany).Should().Be(0);

        void AppendMany()
        {
            for (int i = 0; i < 1000; i++)
            {
                journal.Append(1, payload);
            }
        }
    }

    private void FillUp(Journal journal, int payloadBytes)
    {
        try
        {
            while (journal.LiveBytes < 10 * TestJournal.Options.SegmentBytes)
            {
                TestJournal.Append(journal, _appended, new byte[payloadBytes]);
            }
        }
        catch (StorageException exception) when (exception.ErrorNumber == Errno.ENOSPC)
        {
            journal.HasHeadroom.Should().BeFalse();
        }
    }
}
