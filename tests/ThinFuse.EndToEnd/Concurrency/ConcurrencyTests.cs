using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Concurrency;

/// <summary>Writers, readers and snapshots at the same time.</summary>
public sealed class ConcurrencyTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Writers = 4;
    private const int WritesEach = 1200;
    private const int Snapshots = 12;

    [SkippableTheory]
    [OnEachTransport]
    public void A_snapshot_holds_what_was_written_before_it_and_nothing_written_after(string transport)
    {
        PoolFixture pool = NewMountedPool("256M", transport: transport);
        string volume = pool.CreateVolume("vm1", "64M");
        int seed = Seeded(16).Next();
        CountedRegion[] regions = [.. Enumerable.Range(0, Writers).Select(i => new CountedRegion(volume, i, seed + i))];
        using CancellationTokenSource written = new();
        using SemaphoreSlim progress = new(0);
        List<Exception> failures = [];
        Thread[] writers = [.. regions.Select(region => Start(() => region.Write(WritesEach, progress, Snapshots), failures))];
        Thread reader = Start(() => CountedRegion.ReadAgainAndAgain(volume, regions, written.Token), failures);

        List<(string Snapshot, long[][] Before, long[][] After)> taken = [];
        for (int i = 0; i < Snapshots; i++)
        {
            // All along the writing: each writer has gone one step further on the average.
            for (int writer = 0; writer < Writers; writer++)
            {
                progress.Wait(Tool.Patience).Should().BeTrue("the writers go on");
            }

            long[][] before = [.. regions.Select(region => region.Acknowledged())];
            string snapshot = pool.Snapshot("vm1", string.Create(CultureInfo.InvariantCulture, $"s{i}"));
            taken.Add((snapshot, before, [.. regions.Select(region => region.Tried())]));
        }

        foreach (Thread writer in writers)
        {
            writer.Join();
        }

        written.Cancel();
        reader.Join();
        failures.Should().BeEmpty();
        foreach ((string snapshot, long[][] before, long[][] after) in taken)
        {
            for (int i = 0; i < Writers; i++)
            {
                regions[i].MustLieBetween(snapshot, before[i], after[i]);
            }
        }

        foreach (CountedRegion region in regions)
        {
            region.MustLieBetween(volume, region.Acknowledged(), region.Tried());
        }

        pool.MustBeSound();
    }

    private static Thread Start(Action work, List<Exception> failures)
    {
        Thread thread = new(() =>
        {
            try
            {
                work();
            }
            catch (Exception failure)
            {
                lock (failures)
                {
                    failures.Add(failure);
                }
            }
        });
        thread.Start();
        return thread;
    }
}
