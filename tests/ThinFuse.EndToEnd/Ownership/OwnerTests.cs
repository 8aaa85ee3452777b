using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Ownership;

/// <summary>A pool has one owner at a time, and says who it is.</summary>
public sealed class OwnerTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Busy = 4;

    [SkippableFact]
    public void A_second_mount_elsewhere_is_refused_and_names_the_owner()
    {
        PoolFixture pool = NewMountedPool("64M");
        string elsewhere = NewMountPoint(pool, "elsewhere");

        ToolResult refused = ThinFuseProgram.Run("mount", pool.PoolDirectory, elsewhere).MustExit(Busy);

        MustNameOwner(refused, pool);
        MountEntry.IsMounted(elsewhere).Should().BeFalse();
        pool.Status().GetProperty("mountPoint").GetString().Should().Be(pool.MountPoint);
    }

    [SkippableFact]
    public void An_offline_tool_is_refused_where_it_cannot_ask_the_daemon()
    {
        PoolFixture pool = NewMountedPool("64M");

        // Without its socket the daemon cannot be asked, so the pool itself has to refuse.
        File.Move(Path.Combine(pool.PoolDirectory, "control.sock"), Path.Combine(pool.PoolDirectory, "hidden"));
        ToolResult check = ThinFuseProgram.Run("pool", "check", pool.PoolDirectory);
        ToolResult grow = ThinFuseProgram.Run("pool", "grow", pool.PoolDirectory, "--size", "128M");
        File.Move(Path.Combine(pool.PoolDirectory, "hidden"), Path.Combine(pool.PoolDirectory, "control.sock"));

        MustNameOwner(check.MustExit(Busy), pool);
        MustNameOwner(grow.MustExit(Busy), pool);
        pool.StatusBytes("totalBytes").Should().Be(64 << 20);
    }

    [SkippableFact]
    public void Of_two_mounts_that_race_one_wins_and_the_other_is_told_who()
    {
        PoolFixture pool = NewPool("64M");
        string other = NewMountPoint(pool, "other");
        for (int round = 0; round < 5; round++)
        {
            using RunningTool first = ThinFuseProgram.Start("mount", pool.PoolDirectory, pool.MountPoint);
            using RunningTool second = ThinFuseProgram.Start("mount", pool.PoolDirectory, other);
            ToolResult[] results = [first.Wait(Tool.Patience), second.Wait(Tool.Patience)];
            Scratch.RecordProcess(pool.DaemonPid);

            results.Select(result => result.ExitCode).Should().BeEquivalentTo([0, Busy], string.Join('\n', results.Select(r => r.ToString())));
            results.Single(result => result.ExitCode == Busy).ErrorLines.Should().ContainSingle().Which.Should().Contain("in use by");
            ThinFuseProgram.Run("unmount", pool.Status().GetProperty("mountPoint").GetString()!).MustSucceed();
            MountEntry.Below(pool.Home).Should().BeEmpty();
        }
    }

    [SkippableFact]
    public void Mount_and_unmount_are_safe_to_run_twice()
    {
        PoolFixture pool = NewMountedPool("64M");

        System.Text.Json.JsonElement again = ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint);
        again.GetProperty("alreadyMounted").GetBoolean().Should().BeTrue();
        again.GetProperty("daemonPid").GetInt32().Should().Be(pool.DaemonPid);

        ThinFuseProgram.Json("unmount", pool.MountPoint).GetProperty("wasMounted").GetBoolean().Should().BeTrue();
        ThinFuseProgram.Json("unmount", pool.MountPoint).GetProperty("wasMounted").GetBoolean().Should().BeFalse();
    }

    [SkippableFact]
    public void Unmount_waits_for_the_daemon_and_is_refused_while_files_are_open()
    {
        PoolFixture pool = NewMountedPool("64M");
        int daemon = pool.DaemonPid;
        using (RawFile.Open(pool.CreateVolume("vm1", "1M"), OpenFlags.ReadOnly))
        {
            ThinFuseProgram.Run("unmount", pool.MountPoint).MustExit(Busy).ErrorLines.Should().ContainSingle().Which.Should().Contain("busy");
        }

        ThinFuseProgram.Run("unmount", pool.MountPoint).MustSucceed();

        Leftovers.Belongs(daemon, pool.PoolDirectory).Should().BeFalse("its pool is free for others now");
        pool.MustBeSound();
    }

    private static void MustNameOwner(ToolResult refused, PoolFixture pool) =>
        refused.ErrorLines.Should().ContainSingle()
            .Which.Should().Contain(string.Create(CultureInfo.InvariantCulture, $"pid {pool.DaemonPid}"))
            .And.Contain($"host {Environment.MachineName}").And.Contain(pool.MountPoint);

    private static string NewMountPoint(PoolFixture pool, string name)
    {
        string path = Path.Combine(pool.Home, name);
        Directory.CreateDirectory(path);
        return path;
    }
}
