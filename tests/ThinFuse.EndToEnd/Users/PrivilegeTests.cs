using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Users;

/// <summary>What a daemon may do, and what it may not.</summary>
public sealed class PrivilegeTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    /// <summary>chown, dac_override, dac_read_search, fowner, kill, setgid, setuid, ipc_lock, sys_admin, sys_resource.</summary>
    private const ulong Needed = 0x12040EF;

    [SkippableFact]
    public void No_thread_of_a_daemon_of_root_has_or_can_get_what_it_does_not_need()
    {
        Need.Root();
        PoolFixture pool = NewMountedPool("64M");
        ulong own = Convert.ToUInt64(Field("/proc/self/status", "CapBnd"), 16);

        string[] threads = Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pool.DaemonPid}/task"));

        threads.Should().HaveCountGreaterThan(10);
        foreach (string status in threads.Select(thread => Path.Combine(thread, "status")))
        {
            Convert.ToUInt64(Field(status, "CapBnd"), 16).Should().Be(own & Needed);
            Convert.ToUInt64(Field(status, "CapPrm"), 16).Should().Be(own & Needed);
            Field(status, "CapInh").Should().MatchRegex("^0+$");
            Field(status, "NoNewPrivs").Should().Be("1");
            Field(status, "Umask").Should().Be("0077");
        }

        // With what is left it unmounts by itself, and others unmount it.
        pool.Unmount();
        pool.Mount();
        Tool.Run("umount", pool.MountPoint).MustSucceed();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void The_files_of_a_pool_and_its_mount_are_their_owner_s_alone()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        pool.Snapshot("vm1", "monday");

        Modes(pool.PoolDirectory, "f").Should().Equal("600");
        Modes(pool.PoolDirectory, "d").Should().Equal("700");
        Modes(pool.PoolDirectory, "s").Should().Equal("600");
        Tool.Run("stat", "--format=%a", pool.MountPoint, pool.PathOf("vm1"), pool.PathOf("vm1@monday")).MustSucceed().Text.Should().Be("700\n600\n400");
    }

    private static IEnumerable<string> Modes(string directory, string type) =>
        Tool.Run("find", directory, "-type", type, "-printf", "%m\n").MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct();

    private static string Field(string status, string name) =>
        File.ReadLines(status).Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(':')[1].Trim();
}
