using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using ThinFuse.EndToEnd.Killing;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Service;

/// <summary>SIGTERM: the daemon drains, commits, unmounts and ends within 10 s, in use or not.</summary>
public sealed class TerminationTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int BlocksPerWriter = 2048;

    [SkippableTheory]
    [OnEachTransport]
    public void A_mount_that_nobody_uses_is_gone_at_once_and_all_of_it_is_durable(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        File.WriteAllText(pool.CreateVolume("vm1", "1M"), "here");

        EndByTerminate(pool);

        pool.Mount();
        File.ReadAllText(pool.PathOf("vm1")).Should().StartWith("here");
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_mount_that_is_written_to_ends_in_time_and_keeps_what_it_acknowledged(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        string volume = pool.CreateVolume("vm1", "32M");
        Random random = Seeded(9);
        StampedWriter[] writers = [.. Enumerable.Range(0, 2).Select(i =>
            new StampedWriter(volume, firstBlock: i * BlocksPerWriter, BlocksPerWriter, direct: i == 0, random.Next()))];
        using CountdownEvent enough = new(500);
        Thread[] threads = [.. writers.Select(writer => new Thread(() => writer.WriteUntilError(enough)))];
        Array.ForEach(threads, thread => thread.Start());
        enough.Wait();

        EndByTerminate(pool);

        Array.ForEach(threads, thread => thread.Join());
        pool.MustBeSound();
        pool.Mount();
        Array.ForEach(writers, writer => writer.MustFindAcknowledged());
    }

    private void EndByTerminate(PoolFixture pool)
    {
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended after {pool.Terminate().TotalMilliseconds:f0} ms"));
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
    }
}
