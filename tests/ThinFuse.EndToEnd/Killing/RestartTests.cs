using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Killing;

/// <summary>The server dies, and another one goes on: users of the mount see a pause and nothing else.</summary>
public sealed class RestartTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output, TimeSpan.FromMinutes(20))
{
    private const string KillsVariable = "THINFUSE_KILLS";
    private const int FewKills = 8;
    private const int StormKills = 6;
    private const int AlarmSignal = 14;
    private const int MostKillPauseMs = 600;

    private static readonly TimeSpan FioPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int Kills =>
        Environment.GetEnvironmentVariable(KillsVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : FewKills;

    [SkippableTheory]
    [InlineData("ext4", 21)]
    [InlineData("xfs", 22)]
    public void A_filesystem_on_a_loop_device_survives_kill_9_of_the_server_under_load(string filesystem, int seed)
    {
        Need.Tools("fio");
        Need.Loop();
        FilesystemKind kind = FilesystemKind.Of(filesystem);
        kind.Require();
        Random random = Seeded(seed);
        PoolFixture pool = NewProtectedPool("1G");
        pool.CreateVolume("vm1", "600M");
        LoopFilesystem mounted = pool.Filesystem(pool.Attach("vm1"), kind);
        mounted.Make();
        mounted.Mount();
        long longestMs = 0;
        int kills = 0;
        while (kills < Kills)
        {
            using RunningTool fio = Tool.Start("fio", Fio(mounted.PathOf("data"), random.Next()));
            while (kills < Kills && !fio.HasEnded)
            {
                Thread.Sleep(random.Next(MostKillPauseMs));
                longestMs = Math.Max(longestMs, pool.KillServer());
                kills++;
            }

            ToolResult result = fio.Wait(FioPatience).MustSucceed();
            result.Errors.Should().NotContain("bad magic").And.NotContain("verify failed").And.NotContain("error=");
        }

        JsonElement status = pool.Status();
        longestMs = Math.Max(longestMs, PoolFixture.LastPauseMs(status));
        status.GetProperty("restarts").GetInt32().Should().Be(kills);
        mounted.Unmount();
        mounted.MustBeClean();
        pool.Log.Should().NotContain("is answered with errno");
        Report(string.Create(CultureInfo.InvariantCulture, $"{filesystem}: {kills} kills, longest pause {longestMs} ms"));
    }

    [SkippableFact]
    public void Every_change_of_names_happens_once_whenever_the_server_dies()
    {
        Random random = Seeded(23);
        PoolFixture pool = NewProtectedPool("256M");
        using (RawFile source = RawFile.Open(pool.CreateVolume("source", "1M"), OpenFlags.ReadWrite))
        {
            source.Write(0, new byte[8192]).Should().Be(8192);
        }

        using CancellationTokenSource end = new();
        NameStorm[] storms = [.. Enumerable.Range(0, 4).Select(i => new NameStorm(pool.MountPoint, "source", i))];
        Thread[] threads = [.. storms.Select(storm => new Thread(() => storm.Run(end.Token)))];
        Array.ForEach(threads, thread => thread.Start());
        for (int kill = 0; kill < StormKills; kill++)
        {
            Thread.Sleep(random.Next(MostKillPauseMs));
            pool.KillServer();
        }

        pool.Status().GetProperty("restarts").GetInt32().Should().Be(StormKills);
        end.Cancel();
        Array.ForEach(threads, thread => thread.Join(Patience).Should().BeTrue());
        storms.SelectMany(storm => storm.Surprises).Should().BeEmpty();
        Report(string.Create(CultureInfo.InvariantCulture, $"{storms.Sum(storm => storm.Rounds)} rounds of changes"));
        pool.Status().GetProperty("volumes").GetInt32().Should().Be(1);
        pool.Unmount();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_deleted_file_that_is_open_lives_on_in_the_successor()
    {
        PoolFixture pool = NewProtectedPool("64M");
        byte[] found = new byte[4096];
        using (RawFile file = RawFile.Open(pool.CreateVolume("vm1", "8M"), OpenFlags.ReadWrite))
        {
            file.Write(4096, Block(1)).Should().Be(4096);
            File.Delete(pool.PathOf("vm1"));
            file.Write(0, Block(2)).Should().Be(4096);
            file.Truncate(1 << 20).Should().Be(0);

            pool.KillServer();

            file.Read(4096, found).Should().Be(4096);
            found.Should().Equal(Block(1));
            file.SeekEnd().Should().Be(1 << 20);
            file.Write(8192, Block(3)).Should().Be(4096);
            pool.KillServer();
            file.Read(0, found).Should().Be(4096);
            found.Should().Equal(Block(2));
            file.Read(8192, found).Should().Be(4096);
            found.Should().Equal(Block(3));
            pool.StatusBytes("allocatedBytes").Should().BePositive();
        }

        pool.WaitForStatus("the space is back", status => status.GetProperty("allocatedBytes").GetInt64() == 0);
        pool.Unmount();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_write_that_waits_for_space_waits_on_in_the_successor()
    {
        PoolFixture pool = NewProtectedPool("16M");
        ThinFuseProgram.Run("pool", "set", pool.MountPoint, "--no-space", "queue", "--no-space-timeout", "5m").MustSucceed();
        string volume = pool.CreateVolume("vm1", "64M");
        using RunningTool writer = Tool.Start("dd", ["if=/dev/zero", $"of={volume}", "bs=1M", "count=32", "oflag=direct", "conv=notrunc"]);
        pool.WaitForStatus("the pool is full", status => status.GetProperty("mode").GetString() == "out_of_space");

        pool.KillServer();
        pool.WaitForStatus("the successor's pool is full", status => status.GetProperty("mode").GetString() == "out_of_space");
        writer.HasEnded.Should().BeFalse();
        pool.Grow("64M");

        writer.Wait(Patience).MustSucceed();
    }

    [SkippableFact]
    public void A_reader_of_events_reads_on_and_their_numbers_go_on()
    {
        PoolFixture pool = NewProtectedPool("64M");
        pool.CreateVolume("vm1", "1M");
        using RunningTool reader = Tool.Start("head", ["-n", "2", Path.Combine(pool.MountPoint, ".thinfuse", "events")]);
        pool.WaitForStatus("the reader waits", _ => Directory.EnumerateFileSystemEntries($"/proc/{reader.Pid}/fd").Any(
            link => new FileInfo(link).LinkTarget?.EndsWith("/events", StringComparison.Ordinal) == true));

        pool.KillServer();
        pool.CreateVolume("vm2", "1M");

        JsonElement[] lines = [.. reader.Wait(Patience).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ThinFuseProgram.Parse)];
        lines.Select(line => line.GetProperty("kind").GetString()).Should().Equal("server_restarted", "volume_created");
        long before = lines[0].GetProperty("sequence").GetInt64();
        before.Should().BeGreaterThan(1);
        lines[1].GetProperty("sequence").GetInt64().Should().Be(before + 1);
    }

    [SkippableFact]
    public void One_who_polls_events_hears_of_the_next_from_the_successor()
    {
        PoolFixture pool = NewProtectedPool("64M");
        using SafeFileHandle events = File.OpenHandle(
            Path.Combine(pool.MountPoint, ".thinfuse", "events"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Posix.PollForReading(events, TimeSpan.Zero).Should().BeFalse();
        bool isReadable = false;
        Thread poll = new(() => isReadable = Posix.PollForReading(events, Patience));
        poll.Start();
        Waiting.Until("somebody polls", () => PollsOf(pool) >= 2, () => PollsOf(pool));

        pool.KillServer();

        poll.Join();
        isReadable.Should().BeTrue("the restart is an event");
    }

    [SkippableFact]
    public void Nobody_else_gets_the_pool_between_two_servers()
    {
        Need.Tools("flock");
        PoolFixture pool = NewProtectedPool("64M");
        string lockFile = Path.Combine(pool.PoolDirectory, "lock");
        using CancellationTokenSource end = new();
        int taken = 0;
        int refused = 0;
        Thread thief = new(() =>
        {
            while (!end.IsCancellationRequested)
            {
                using RawFile file = RawFile.Open(lockFile, OpenFlags.ReadWrite);
                const int exclusiveWithoutWaiting = 2 | 4;
                if (Posix.Lock(file.Handle, exclusiveWithoutWaiting) == 0)
                {
                    taken++;
                }
                else
                {
                    refused++;
                }
            }
        });
        thief.Start();
        int before = pool.DaemonPid;
        pool.KillServer();
        ThinFuseProgram.Run("mount", pool.PoolDirectory, Scratch.NewDirectory("elsewhere")).MustExit(4);
        pool.DaemonPid.Should().NotBe(before);
        ThinFuseProgram.Run("upgrade", pool.MountPoint).MustSucceed();
        end.Cancel();
        thief.Join();
        taken.Should().Be(0);
        refused.Should().BePositive();
    }

    [SkippableFact]
    public void A_server_that_keeps_crashing_is_given_up_and_everybody_gets_errors()
    {
        PoolFixture pool = NewProtectedPool("64M");
        using (RawFile file = RawFile.Open(pool.CreateVolume("vm1", "8M"), OpenFlags.ReadWrite))
        {
            for (int crash = 0; crash < 3; crash++)
            {
                file.Write(0, Block(crash)).Should().Be(4096);
                pool.KillServer(AlarmSignal);
            }

            file.Write(0, Block(9)).Should().BeNegative();
        }

        Waiting.Until("the supervisor has ended", () => !Leftovers.Belongs(pool.SupervisorPid, pool.PoolDirectory));
        pool.Log.Should().Contain("the server died 3 times within a short time");
        pool.Mount();
        RawFile.Open(pool.PathOf("vm1"), OpenFlags.ReadOnly).Dispose();
    }

    [SkippableFact]
    public void Without_its_supervisor_a_server_serves_on_and_says_that_it_is_not_protected()
    {
        PoolFixture pool = NewProtectedPool("64M");
        string volume = pool.CreateVolume("vm1", "8M");

        Leftovers.Kill(pool.SupervisorPid);

        pool.WaitForStatus("the protection is off", status => status.GetProperty("restartProtection").GetString() == "off");
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            file.Write(0, Block(1)).Should().Be(4096);
        }

        ThinFuseProgram.Run("upgrade", pool.MountPoint).MustExit(2);
        pool.Unmount();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_termination_of_server_or_supervisor_ends_both_and_the_mount(bool ofServer)
    {
        PoolFixture pool = NewProtectedPool("64M");
        pool.KillServer();
        int server = pool.DaemonPid;

        Tool.Run("kill", "-TERM", $"{(ofServer ? server : pool.SupervisorPid)}").MustSucceed();

        Waiting.Until("both have ended", () =>
            !Leftovers.Belongs(server, pool.PoolDirectory) && !Leftovers.Belongs(pool.SupervisorPid, pool.PoolDirectory));
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void An_upgrade_under_load_is_a_pause_and_says_how_long()
    {
        Need.Tools("fio");
        PoolFixture pool = NewProtectedPool("256M");
        string volume = pool.CreateVolume("vm1", "64M");
        using RunningTool fio = Tool.Start("fio", Fio(volume, Seeded(24).Next()));
        for (int i = 0; i < 3; i++)
        {
            int before = pool.DaemonPid;
            JsonElement upgraded = ThinFuseProgram.Json("upgrade", pool.MountPoint);
            upgraded.GetProperty("previousPid").GetInt32().Should().Be(before);
            upgraded.GetProperty("daemonPid").GetInt32().Should().NotBe(before);
            Report(string.Create(CultureInfo.InvariantCulture, $"paused {upgraded.GetProperty("pauseMs").GetInt64()} ms"));
        }

        ToolResult result = fio.Wait(FioPatience).MustSucceed();
        result.Errors.Should().NotContain("bad magic").And.NotContain("verify failed");
        pool.Status().GetProperty("restarts").GetInt32().Should().Be(3);
        pool.Unmount();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_mount_says_whether_it_is_protected()
    {
        PoolFixture pool = NewProtectedPool("64M");
        pool.Status().GetProperty("restartProtection").GetString().Should().Be("on");
        pool.Unmount();
        JsonElement bare = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint, "--transport", "dev", "--no-protect");
        bare.GetProperty("restartProtection").GetString().Should().Be("off");
        pool.Unmount();
        if (Scratch.Uring.Obstacle is null)
        {
            JsonElement rings = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint, "--transport", "uring");
            rings.GetProperty("restartProtection").GetString().Should().Be("off");
            rings.GetProperty("protectionObstacle").GetString().Should().Contain("io_uring");
            pool.Unmount();
        }

        JsonElement demanded = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint, "--protect");
        demanded.GetProperty("restartProtection").GetString().Should().Be("on");
        pool.Status().GetProperty("transport").GetString().Should().Be("dev");
    }

    private static long PollsOf(PoolFixture pool)
    {
        string? line = File.ReadLines(Path.Combine(pool.MountPoint, ".thinfuse", "metrics"))
            .FirstOrDefault(line => line.StartsWith("thinfuse_requests_total{opcode=\"poll\"}", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    private static byte[] Block(int value) => [.. Enumerable.Repeat((byte)value, 4096)];

    private static string[] Fio(string file, int seed) =>
    [
        "--name=verify", $"--filename={file}", "--ioengine=libaio", "--direct=1", "--iodepth=16", $"--randseed={seed}", "--size=32M",
        "--rw=randwrite", "--bsrange=4k-128k", "--bs_unaligned=0", "--blockalign=4k", "--loops=6", "--fsync=64",
        "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--verify_backlog=128", "--verify_state_save=0",
    ];

    private PoolFixture NewProtectedPool(string size)
    {
        PoolFixture pool = NewMountedPool(size, transport: "dev");
        Skip.IfNot(pool.Status().GetProperty("restartProtection").GetString() == "on", "this kernel cannot send requests again");
        return pool;
    }

    private void Report(string line) => Output.WriteLine(line);
}
