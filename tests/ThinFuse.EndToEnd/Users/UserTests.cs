using System.Diagnostics;
using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Users;

/// <summary>A user without rights works in a home directory, through fusermount3.</summary>
public sealed class UserTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Clones = 100;

    [SkippableFact]
    public void A_user_makes_a_pool_mounts_it_clones_a_hundred_times_and_builds_a_filesystem()
    {
        Need.Fuse();
        Need.Root();
        Need.Tools("fusermount3", "useradd", "userdel", "setpriv", "mke2fs", "debugfs", "e2fsck");
        using UserAccount user = new(Scratch);
        Skip.IfNot(user.ThinFuse("--version").ExitCode == 0, "other users cannot run this machine's .NET");
        string pool = Path.Combine(user.Home, "pool");
        string mount = Path.Combine(user.Home, "mnt");
        user.Run("mkdir", mount).MustSucceed();

        user.ThinFuse("pool", "create", pool, "--size", "128M").MustSucceed();
        user.ThinFuse("mount", pool, mount).MustSucceed();
        try
        {
            UseMount(user, mount);
        }
        finally
        {
            user.ThinFuse("unmount", mount).MustSucceed();
        }

        MountEntry.Below(user.Home).Should().BeEmpty();
        user.ThinFuse("pool", "check", pool).MustSucceed();
    }

    private void UseMount(UserAccount user, string mount)
    {
        Scratch.RecordProcess(ThinFuseProgram.Parse(user.ThinFuse("pool", "status", mount, "--json").MustSucceed().Output).GetProperty("daemonPid").GetInt32());
        string tree = Path.Combine(user.Home, "tree");
        Directory.CreateDirectory(tree);
        FileTree.Create(tree, Seeded(17), files: 50, averageBytes: 32 << 10);
        Tool.Run("chmod", "-R", "a+rX", tree).MustSucceed();

        string volume = Path.Combine(mount, "vm1");
        user.ThinFuse("volume", "create", volume, "--size", "32M").MustSucceed();
        user.Run("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, volume).MustSucceed();
        user.Run("e2fsck", "-f", "-n", volume).MustSucceed();

        string copy = Path.Combine(user.Home, "copy");
        user.Run("mkdir", copy).MustSucceed();
        user.Run("debugfs", "-R", $"rdump / {copy}", volume).MustSucceed();
        FileTree.Checksums(copy).Should().Equal(FileTree.Checksums(tree));

        MakeClones(user, mount, volume);
        user.ThinFuse("attach", volume).MustExit(1).ErrorLines.Should().ContainSingle().Which.Should().Contain("root");
    }

    private void MakeClones(UserAccount user, string mount, string volume)
    {
        // cp clones what has no holes, so these are filled first.
        string full = Path.Combine(user.Home, "full");
        user.Run("cp", "--sparse=never", volume, full).MustSucceed();
        user.Run("dd", $"if={full}", $"of={volume}", "bs=1M", "conv=notrunc").MustSucceed();
        long before = Allocated(user, mount);
        Stopwatch watch = Stopwatch.StartNew();
        string script = string.Create(
            CultureInfo.InvariantCulture, $"for i in $(seq {Clones}); do cp --sparse=never {volume} {mount}/clone$i || exit 1; done");
        user.Run("sh", "-c", script).MustSucceed();
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Clones} clones in {watch.ElapsedMilliseconds} ms"));

        Allocated(user, mount).Should().Be(before);
        user.Run("cmp", volume, Path.Combine(mount, "clone100")).MustSucceed();
        user.Run("sh", "-c", $"rm {mount}/clone*").MustSucceed();
        user.Run("ls", mount).MustSucceed().Text.Should().Be("vm1");
    }

    private static long Allocated(UserAccount user, string mount) =>
        ThinFuseProgram.Parse(user.ThinFuse("pool", "status", mount, "--json").MustSucceed().Output).GetProperty("allocatedBytes").GetInt64();
}
