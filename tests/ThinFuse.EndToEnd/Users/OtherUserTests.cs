using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Users;

/// <summary>Another user of the machine sees of a pool what its owner shows, and no more.</summary>
public sealed class OtherUserTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const string Denied = "Permission denied";

    [SkippableFact]
    public void With_allow_other_the_modes_decide_and_snapshots_are_as_closed_as_their_volumes()
    {
        Need.Root();
        Need.Tools("setpriv");
        PoolFixture pool = NewPool("64M");
        pool.Mount("--allow-other");
        string closed = pool.CreateVolume("closed", "1M");
        string snapshot = pool.Snapshot("closed", "monday");
        string open = pool.CreateVolume("open", "1M");
        Tool.Run("chmod", "644", open).MustSucceed();
        string openSnapshot = pool.Snapshot("open", "monday");

        Other("ls", pool.MountPoint).MustSucceed();
        Other("cat", open, openSnapshot).MustSucceed();
        Other("cat", Path.Combine(pool.MountPoint, ".thinfuse", "metrics")).MustSucceed();
        foreach (string file in (string[])[closed, snapshot, Path.Combine(pool.MountPoint, ".thinfuse", "events")])
        {
            Other("cat", file).MustFail(Denied);
        }

        Other("sh", "-c", $"echo >> {open}").MustFail(Denied);
        Other("chmod", "666", closed).MustFail("not permitted");
        Other("getfattr", "-d", closed).Output.Should().BeEmpty();
        Other("rm", "-f", open).MustFail(Denied);
        Other("touch", pool.PathOf("new")).MustFail(Denied);
        Other("cat", Path.Combine(pool.PoolDirectory, "daemon.log")).MustFail(Denied);
        Other(ThinFuseProgram.FullPath, "pool", "status", pool.MountPoint).ExitCode.Should().NotBe(0);
    }

    [SkippableFact]
    public void Without_allow_other_the_mount_is_closed_to_all_others()
    {
        Need.Root();
        Need.Tools("setpriv");
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "1M");
        Tool.Run("chmod", "644", volume).MustSucceed();

        Other("cat", volume).MustFail(Denied);
        Other("ls", pool.MountPoint).MustFail(Denied);
    }

    [SkippableFact]
    public void Allow_other_of_a_user_whom_fuse_conf_does_not_allow_it_is_refused_in_one_line_that_says_so()
    {
        Need.Fuse();
        Need.Root();
        Need.Tools("fusermount3", "useradd", "userdel", "setpriv");
        Skip.If(File.Exists("/etc/fuse.conf") && File.ReadLines("/etc/fuse.conf").Any(line => line.Trim() == "user_allow_other"), "/etc/fuse.conf allows it");
        using UserAccount user = new(Scratch);
        Skip.IfNot(user.ThinFuse("--version").ExitCode == 0, "other users cannot run this machine's .NET");
        string pool = Path.Combine(user.Home, "pool");
        string mount = Path.Combine(user.Home, "mnt");
        user.Run("mkdir", mount).MustSucceed();
        user.ThinFuse("pool", "create", pool, "--size", "64M").MustSucceed();

        user.ThinFuse("mount", pool, mount, "--allow-other").MustExit(1)
            .ErrorLines.Should().ContainSingle().Which.Should().Contain("user_allow_other").And.Contain("/etc/fuse.conf");

        MountEntry.Below(user.Home).Should().BeEmpty();
    }

    [SkippableFact]
    public void A_pool_where_another_user_can_put_links_is_refused_and_what_they_point_at_is_untouched()
    {
        PoolFixture pool = NewPool("64M");
        string victim = Path.Combine(pool.Home, "victim");
        File.WriteAllText(victim, "precious");
        Tool.Run("chmod", "777", pool.PoolDirectory).MustSucceed();
        foreach (string name in (string[])["daemon.log", "daemon.log.old", "lock"])
        {
            Tool.Run("ln", "-sf", victim, Path.Combine(pool.PoolDirectory, name)).MustSucceed();
        }

        string[][] commands = [["mount", pool.PoolDirectory, pool.MountPoint], ["pool", "status", pool.PoolDirectory], ["pool", "check", pool.PoolDirectory]];
        foreach (string[] command in commands)
        {
            ThinFuseProgram.Run(command).MustExit(1).ErrorLines.Should().ContainSingle().Which.Should().Contain("chmod go-w");
        }

        File.ReadAllText(victim).Should().Be("precious");
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        Tool.Run("chmod", "go-w", pool.PoolDirectory).MustSucceed();
    }

    private static ToolResult Other(string program, params string[] arguments) =>
        Tool.Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, .. arguments]);
}
