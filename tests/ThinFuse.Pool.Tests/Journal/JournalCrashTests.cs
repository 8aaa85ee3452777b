using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

public sealed class JournalCrashTests
{
    private const int PowerCutSeeds = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_at_any_io_keeps_what_was_acknowledged_and_invents_nothing(int seed)
    {
        JournalWorkload workload = new(new SimulatedDisk(), seed, generation: 1, firstSequence: 1);
        workload.Run(steps: 250);
        workload.CreatedAt.Should().BeGreaterThan(0);
        for (int ioCount = workload.CreatedAt; ioCount <= workload.Disk.IoCount; ioCount++)
        {
            workload.CheckKill(ioCount, tornBytes: ioCount % 3 == 0 ? 0 : ioCount % 200);
            for (int cutSeed = 0; cutSeed < PowerCutSeeds; cutSeed++)
            {
                workload.CheckPowerCut(ioCount, cutSeed + seed * 100 * Math.Sign(cutSeed / 2));
            }
        }
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    [InlineData(14, true)]
    public void A_crash_at_any_io_of_the_next_generation_leaves_the_one_that_the_superblock_names(int seed, bool isKilled)
    {
        JournalWorkload first = new(new SimulatedDisk(), seed, generation: 1, firstSequence: 1);
        first.Run(steps: 60);
        Random random = new(seed);
        for (int round = 0; round < 12; round++)
        {
            int ioCount = random.Next(first.CreatedAt, first.Disk.IoCount + 1);
            SimulatedDisk crashed = isKilled ? first.Disk.AfterKill(ioCount) : first.Disk.AfterPowerCut(ioCount, seed + round);
            long firstSequence = first.FirstSequenceAt(ioCount);
            string because = $"seed {seed}, round {round}, crash after {ioCount}";
            JournalScanResult before = TestJournal.Scan(crashed, first.Appended, firstSequence, isKilled, because);

            // A start that no superblock came to name, with records that use the same sequences, and then a second one.
            JournalWorkload aborted = new(crashed, seed + 1000, generation: 2, before.LastAppliedSequence + 1);
            aborted.Run(steps: 10, mayRelease: false);
            SimulatedDisk again = isKilled ? crashed.AfterKill(crashed.IoCount) : crashed.AfterPowerCut(crashed.IoCount, round);
            TestJournal.Scan(again, first.Appended, firstSequence, isKilled, because).Should().Be(before, because);
            JournalWorkload second = new(again, seed + 2000, generation: 2, before.LastAppliedSequence + 1);
            second.Run(steps: 30);
            int superblockAt = second.FirstReleaseAt;
            for (int next = 0; next <= again.IoCount; next++)
            {
                SimulatedDisk last = isKilled ? again.AfterKill(next) : again.AfterPowerCut(next, next);
                if (next <= superblockAt)
                {
                    TestJournal.Scan(last, first.Appended, firstSequence, isKilled, because)
                        .Should().Be(before, $"{because}, then after {next}");
                }
                if (next >= second.CreatedAt)
                {
                    second.CheckKill(next, 0);
                    second.CheckPowerCut(next, next);
                }
            }
        }
    }

    [Fact]
    public void Sequences_go_on_from_generation_to_generation_and_the_old_segments_go()
    {
        SimulatedDisk disk = new();
        long next = 1;
        for (long generation = 1; generation < 20; generation++)
        {
            Dictionary<long, byte[]> appended = [];
            using Journal journal = TestJournal.Create(disk, generation, next);
            for (int i = 0; i < 40; i++)
            {
                TestJournal.Append(journal, appended, [.. BitConverter.GetBytes(generation), .. new byte[200]]);
            }
            journal.Commit(() => { });
            journal.ReleaseBefore(next);
            JournalScanResult result = TestJournal.Scan(disk, appended, next, false, $"generation {generation}", generation);
            result.LastAppliedSequence.Should().Be(next + 39);
            disk.List(TestJournal.Folder).Should().OnlyContain(name =>
                name.StartsWith($"segment-{generation:x16}", StringComparison.Ordinal));
            next = result.LastAppliedSequence + 1;
        }
    }

    [Fact]
    public async Task Appends_and_commits_of_many_threads_survive_a_power_cut_at_any_io()
    {
        SimulatedDisk disk = new();
        Dictionary<long, byte[]> appended = [];
        List<(int IoCount, long Sequence)> committed = [];
        using Journal journal = TestJournal.Create(disk);
        int createdAt = disk.IoCount;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            Random random = new(thread);
            for (int i = 0; i < 60; i++)
            {
                byte[] payload = TestJournal.RandomPayload(random);
                long sequence = journal.Append(TestJournal.KindOf(payload), payload);
                lock (appended)
                {
                    appended.Add(sequence, payload);
                }
                if (i % 3 == 0)
                {
                    journal.Commit(() => { });
                    lock (committed)
                    {
                        committed.Add((disk.IoCount, sequence));
                    }
                }
            }
        })));
        for (int ioCount = createdAt; ioCount <= disk.IoCount; ioCount++)
        {
            JournalScanResult result = TestJournal.Scan(disk.AfterPowerCut(ioCount, ioCount), appended, 1, false, $"after {ioCount}");
            long promised = committed.Where(entry => entry.IoCount <= ioCount).Select(entry => entry.Sequence).DefaultIfEmpty(0).Max();
            result.LastAppliedSequence.Should().BeGreaterThanOrEqualTo(promised, $"after {ioCount}");
        }
        JournalScanResult all = TestJournal.Scan(disk.AfterKill(disk.IoCount), appended, 1, true, "at the end");
        appended.Keys.Should().OnlyContain(sequence => sequence <= all.LastAppliedSequence);
    }
}
