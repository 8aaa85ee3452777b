using System.Globalization;
using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using ThinFuse.EndToEnd.Killing;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Ownership;

/// <summary>A pool that another daemon has is taken over by name: that one is drained, or killed, and writes nothing afterwards.</summary>
public sealed class TakeOverTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Busy = 4;
    private const int Stop = 19;
    private const int WriterBlocks = 2048;
    private const string RoundsVariable = "THINFUSE_RACES";

    [SkippableFact]
    public void Under_load_nothing_that_was_acknowledged_is_lost()
    {
        PoolFixture pool = NewMountedPool("64M");
        int before = pool.DaemonPid;
        string volume = pool.CreateVolume("vm1", "32M");
        Random random = Seeded(41);
        StampedWriter[] writers = [.. Enumerable.Range(0, 2).Select(i => new StampedWriter(volume, i * WriterBlocks, WriterBlocks, direct: i == 0, random.Next()))];
        using CountdownEvent enough = new(500);
        Thread[] threads = [.. writers.Select(writer => new Thread(() => writer.WriteUntilError(enough)))];
        Array.ForEach(threads, thread => thread.Start());
        enough.Wait();

        JsonElement mounted = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint, "--take-over");

        mounted.GetProperty("takenOverFrom").GetInt32().Should().Be(before);
        mounted.GetProperty("alreadyMounted").GetBoolean().Should().BeFalse();
        Adopt(pool);
        Array.ForEach(threads, thread => thread.Join());
        Leftovers.Belongs(before, pool.PoolDirectory).Should().BeFalse();
        pool.Log.Should().Contain("takes the pool over");
        Array.ForEach(writers, writer => writer.MustFindAcknowledged());
        pool.MustBeSound();
    }

    [SkippableFact]
    public void An_owner_that_is_stopped_is_killed_when_its_time_is_up()
    {
        PoolFixture pool = NewMountedPool("64M");
        int server = pool.DaemonPid;
        File.WriteAllText(pool.CreateVolume("vm1", "1M"), "here");
        string elsewhere = Path.Combine(pool.Home, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        Posix.Kill(pool.SupervisorPid, Stop);
        Posix.Kill(server, Stop);

        ThinFuseProgram.Json("mount", pool.PoolDirectory, elsewhere, "--take-over", "500ms").GetProperty("takenOverFrom").GetInt32().Should().Be(server);

        Adopt(pool);
        Leftovers.Belongs(server, pool.PoolDirectory).Should().BeFalse();
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse("what it left behind is detached");
        File.ReadAllText(Path.Combine(elsewhere, "vm1")).Should().StartWith("here");
        pool.MustBeSound();
        ThinFuseProgram.Run("unmount", elsewhere).MustSucceed();
    }

    [SkippableFact]
    public void Of_those_that_take_over_at_once_one_has_the_pool()
    {
        PoolFixture pool = NewMountedPool("64M");
        string[] places = [.. Enumerable.Range(0, 2).Select(i => Directory.CreateDirectory(Path.Combine(pool.Home, $"place{i}")).FullName)];
        int rounds = int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), CultureInfo.InvariantCulture, out int given) ? given : 1;
        for (int round = 0; round < rounds; round++)
        {
            RunningTool[] mounts = [.. places.Select(place => ThinFuseProgram.Start("mount", pool.PoolDirectory, place, "--take-over"))];
            ToolResult[] results = [.. mounts.Select(mount => mount.Wait(Tool.Patience))];
            Array.ForEach(mounts, mount => mount.Dispose());

            results.Should().OnlyContain(result => result.ExitCode == 0 || result.ExitCode == Busy, string.Join('\n', results.Select(r => r.ToString())));
            results.Should().Contain(result => result.ExitCode == 0);
            MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
            places.Where(MountEntry.IsMounted).Should().Equal(pool.Status().GetProperty("mountPoint").GetString());
            Adopt(pool);
            ThinFuseProgram.Run("unmount", places.Single(MountEntry.IsMounted)).MustSucceed();
            pool.MustBeSound();
            pool.Mount();
        }
    }

    [SkippableFact]
    public void Where_nobody_has_the_pool_it_is_just_mounted()
    {
        PoolFixture pool = NewPool("64M");
        JsonElement mounted = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint, "--take-over");
        Adopt(pool);
        mounted.TryGetProperty("takenOverFrom", out JsonElement from).Should().Be(from.ValueKind == JsonValueKind.Null);
    }

    /// <summary>The daemon that serves now was not started by the fixture.</summary>
    private void Adopt(PoolFixture pool) => Scratch.RecordProcess(pool.DaemonPid);
}
