using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Killing;

/// <summary>The daemon dies at any moment: what was acknowledged is there afterwards, and the pool comes back by itself.</summary>
public sealed class KillTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output, TimeSpan.FromMinutes(3))
{
    private const int Rounds = 10;
    private const int Writers = 4;
    private const int BlocksPerWriter = 2048;

    [SkippableTheory]
    [OnEachTransport]
    public void Nothing_acknowledged_is_missing_after_kill_9_of_the_daemon(string transport)
    {
        Random random = Seeded(7);
        PoolFixture pool = NewMountedPool("256M", transport: transport);
        string volume = pool.CreateVolume("vm1", "32M");
        StampedWriter[] writers = [.. Enumerable.Range(0, Writers).Select(i =>
            new StampedWriter(volume, firstBlock: i * BlocksPerWriter, BlocksPerWriter, direct: i % 2 == 0, random.Next()))];

        for (int round = 0; round < Rounds; round++)
        {
            if (round % 3 == 1)
            {
                // Shared blocks make the writers allocate again.
                pool.Snapshot("vm1", string.Create(CultureInfo.InvariantCulture, $"round{round}"));
            }

            KillUnderWriters(pool, writers, acknowledgements: random.Next(100, 1500));
            Revive(pool, viaUnmount: round % 2 == 0);
            foreach (StampedWriter writer in writers)
            {
                writer.MustFindAcknowledged();
            }

            pool.MustBeSound();
        }

        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writers.Sum(writer => writer.Acknowledged)} writes were acknowledged"));
        pool.Unmount();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void An_offline_check_after_kill_9_finds_the_pool_sound_and_its_lock_free(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        StampedWriter writer = new(pool.CreateVolume("vm1", "32M"), firstBlock: 0, BlocksPerWriter, direct: true, Seeded(8).Next());

        KillUnderWriters(pool, [writer], acknowledgements: 500);

        pool.MustBeSound();
        ThinFuseProgram.Json("pool", "status", pool.PoolDirectory).GetProperty("volumes").GetInt32().Should().Be(1);
        ThinFuseProgram.Run("unmount", pool.MountPoint).MustSucceed();
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        pool.Mount();
        writer.MustFindAcknowledged();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_dead_mount_says_ENOTCONN_and_the_next_mount_command_takes_its_place(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        string volume = pool.CreateVolume("vm1", "32M");

        pool.KillDaemon();

        // A request that meets the very end of the connection gets ECONNABORTED.
        int errno = 0;
        Waiting.Until("the mount is dead", () => RawFile.TryOpen(volume, OpenFlags.ReadOnly, out errno) is null && errno == Errno.ENOTCONN, () => errno);
        pool.Mount();
        File.Exists(volume).Should().BeTrue();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void What_a_killed_mount_command_and_its_daemon_were_creating_is_whole_or_absent(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        for (int i = 0; i < 3; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"vm{i}");
            pool.CreateVolume(name, "1G");
            pool.Snapshot(name, "first");
            pool.KillDaemon();
            pool.Mount();

            // Both had been answered, so both are durable.
            pool.Volume(name).GetProperty("sizeBytes").GetInt64().Should().Be(1L << 30);
            pool.Volume(name + "@first").GetProperty("kind").GetString().Should().Be("snapshot");
        }
    }

    private static void KillUnderWriters(PoolFixture pool, StampedWriter[] writers, int acknowledgements)
    {
        using CountdownEvent enough = new(acknowledgements);
        Thread[] threads = [.. writers.Select(writer => new Thread(() => writer.WriteUntilError(enough)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        enough.Wait();
        pool.KillDaemon();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    private static void Revive(PoolFixture pool, bool viaUnmount)
    {
        if (viaUnmount)
        {
            pool.Unmount();
            MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        }

        pool.Mount();
    }
}
