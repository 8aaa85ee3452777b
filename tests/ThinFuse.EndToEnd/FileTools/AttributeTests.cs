using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.FileTools;

/// <summary>Modes, times, read-only snapshots, and the tree that shows the pool's state.</summary>
public sealed class AttributeTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    [SkippableFact]
    public void Snapshots_are_read_only_files()
    {
        PoolFixture pool = NewMountedPool("64M");
        File.WriteAllText(pool.CreateVolume("vm1", "1M"), "old");
        string snapshot = pool.Snapshot("vm1", "s");

        Tool.Run("stat", "--format=%A", snapshot).MustSucceed().Text.Should().NotContain("w");
        RawFile.TryOpen(snapshot, OpenFlags.ReadWrite, out int errno).Should().BeNull();
        errno.Should().Be(Environment.IsPrivilegedProcess ? Errno.EROFS : Errno.EACCES);
        Tool.Run("truncate", "-s", "2M", snapshot).MustFail(Environment.IsPrivilegedProcess ? "Read-only file system" : "Permission denied");
        Tool.Run("chmod", "u+w", snapshot);
        Tool.Run("stat", "--format=%A", snapshot).MustSucceed().Text.Should().NotContain("w");
        File.ReadAllText(snapshot).Should().StartWith("old");
    }

    [SkippableFact]
    public void Chmod_and_touch_are_kept_over_a_remount()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "1M");

        Tool.Run("chmod", "640", volume).MustSucceed();
        Tool.Run("touch", "--date=2001-02-03T04:05:06Z", volume).MustSucceed();
        pool.Unmount();
        pool.Mount();

        Tool.Run("stat", "--format=%a", volume).MustSucceed().Text.Should().Be("640");
        File.GetLastWriteTimeUtc(volume).Should().Be(new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
    }

    [SkippableFact]
    public void A_write_moves_the_modification_time_on()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "1M");
        Tool.Run("touch", "--date=2001-02-03T04:05:06Z", volume).MustSucceed();

        Tool.Run("dd", "if=/dev/urandom", $"of={volume}", "bs=4K", "count=1", "conv=notrunc").MustSucceed();

        File.GetLastWriteTimeUtc(volume).Should().BeCloseTo(DateTime.UtcNow, TimeSpan.FromMinutes(2));
    }

    [SkippableFact]
    public void The_status_tree_can_be_read_from_end_to_end_and_agrees_with_the_commands()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        pool.Snapshot("vm1", "s");
        string tree = pool.PathOf(".thinfuse");

        string[] files = Directory.GetFiles(tree, "*", SearchOption.AllDirectories);
        files.Should().HaveCountGreaterThan(20);

        // The stream has no end to read to.
        foreach (string file in files.Except([Path.Combine(tree, "events")]))
        {
            File.ReadAllText(file).Should().EndWith("\n", file);
        }

        JsonElement status = pool.Status();
        Read(tree, "pool/uuid").Should().Be(status.GetProperty("uuid").GetString());
        Read(tree, "pool/size").Should().Be(status.GetProperty("totalBytes").ToString());
        Read(tree, "pool/free").Should().Be(status.GetProperty("freeBytes").ToString());
        Read(tree, "nodes/n-0/state").Should().Be("online");
        Read(tree, "volumes/vm1/size").Should().Be("1048576");
        Read(tree, "volumes/vm1@s/kind").Should().Be("snapshot");
        Read(tree, "metrics").Should().Contain("# TYPE");
        Tool.Run("rm", "-rf", Path.Combine(tree, "pool")).ExitCode.Should().NotBe(0);
        Tool.Run("touch", Path.Combine(tree, "new")).ExitCode.Should().NotBe(0);
    }

    private static string Read(string tree, string file) => File.ReadAllText(Path.Combine(tree, file)).TrimEnd('\n');
}
