using System.Collections.Concurrent;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

public sealed class GroupCommitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SimulatedDisk _disk = new();

    [Fact]
    public async Task Callers_that_come_while_a_commit_runs_share_the_next_one()
    {
        using Journal journal = TestJournal.Create(_disk);
        journal.Append(1, [1]);
        using SimulatedHold hold = _disk.Hold("*/segment-*", SimulatedIoKind.Flush);
        int flushes = 0;
        Task first = Task.Run(() => journal.Commit(() => Interlocked.Increment(ref flushes)));
        hold.WaitUntilReached();
        long late = journal.Append(1, [2]);
        ConcurrentBag<long> durable = [];
        Thread[] joiners = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            journal.Commit(() => Interlocked.Increment(ref flushes));
            durable.Add(journal.DurableSequence);
        }))];
        Array.ForEach(joiners, joiner => joiner.Start());
        WaitForJoiners(journal, joiners.Length);
        first.IsCompleted.Should().BeFalse();
        journal.DurableSequence.Should().Be(0);
        hold.Release();
        await first.WaitAsync(Patience);
        joiners.Should().OnlyContain(joiner => joiner.Join(Patience));
        flushes.Should().Be(2, "one commit for the first, and one for all eight");
        durable.Should().HaveCount(8).And.OnlyContain(sequence => sequence >= late);
    }

    [Fact]
    public async Task A_record_that_comes_during_the_data_flush_is_not_covered()
    {
        using Journal journal = TestJournal.Create(_disk);
        Dictionary<long, byte[]> appended = [];
        TestJournal.Append(journal, appended, [1]);
        using ManualResetEventSlim inFlush = new();
        using ManualResetEventSlim goOn = new();
        Task commit = Task.Run(() => journal.Commit(() =>
        {
            inFlush.Set();
            goOn.Wait(Patience).Should().BeTrue();
        }));
        inFlush.Wait(Patience).Should().BeTrue();
        TestJournal.Append(journal, appended, [2]);
        goOn.Set();
        await commit.WaitAsync(Patience);
        journal.DurableSequence.Should().Be(1);
        SimulatedDisk cut = _disk.AfterPowerCut(_disk.IoCount, seed: 0);
        JournalScanResult result = TestJournal.Scan(cut, appended, 1, false, "record 2 is on disk but its data may not be");
        result.Should().Be(new JournalScanResult(1, 3));
    }

    [Fact]
    public async Task A_data_flush_that_fails_fails_its_leader_all_who_joined_and_all_who_come_later()
    {
        using Journal journal = TestJournal.Create(_disk);
        journal.Append(1, [1]);
        using ManualResetEventSlim inFlush = new();
        using ManualResetEventSlim goOn = new();
        Task leader = Task.Run(() => journal.Commit(() =>
        {
            inFlush.Set();
            goOn.Wait(Patience).Should().BeTrue();
            throw new StorageException(Errno.EIO, "flush", "/node");
        }));
        inFlush.Wait(Patience).Should().BeTrue();
        StorageException? ofJoiner = null;
        Thread joiner = new(() => ofJoiner = Record.Exception(() => journal.Commit(() => { })) as StorageException);
        joiner.Start();
        WaitForJoiners(journal, 1);
        goOn.Set();
        (await FluentActions.Awaiting(() => leader.WaitAsync(Patience)).Should().ThrowAsync<StorageException>())
            .Which.StoragePath.Should().Be("/node");
        joiner.Join(Patience).Should().BeTrue();
        ofJoiner!.StoragePath.Should().Be("/node");
        TestJournal.Errno_of(() => journal.Commit(() => { })).Should().Be(Errno.EIO);
        TestJournal.Errno_of(() => journal.Append(1, [])).Should().Be(Errno.EIO);
        journal.DurableSequence.Should().Be(0);
    }

    [Fact]
    public void A_failure_that_is_no_storage_error_is_thrown_as_it_is_and_remembered_as_an_io_error()
    {
        using Journal journal = TestJournal.Create(_disk);
        journal.Invoking(j => j.Commit(() => throw new TimeoutException())).Should().Throw<TimeoutException>();
        TestJournal.Errno_of(() => journal.Append(1, [])).Should().Be(Errno.EIO);
    }

    [Fact]
    public void The_committed_handler_runs_before_the_commit_returns()
    {
        using Journal journal = TestJournal.Create(_disk);
        long told = 0;
        journal.Committed += sequence =>
        {
            journal.DurableSequence.Should().Be(sequence);
            journal.ReleaseBefore(sequence);
            told = sequence;
        };
        long appended = journal.Append(1, [1]);
        journal.Commit(() => { });
        told.Should().Be(appended);
    }

    private static void WaitForJoiners(Journal journal, int count) =>
        SpinWait.SpinUntil(() => journal.WaitingCommits == count, Patience).Should().BeTrue();
}
