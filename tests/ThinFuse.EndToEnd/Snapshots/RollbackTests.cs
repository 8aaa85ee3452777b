using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Snapshots;

/// <summary>Volumes put back to their snapshots, flattened, and snapshots that are held, by the commands a user has.</summary>
public sealed class RollbackTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Usage = 2;
    private const int NoSpace = 3;
    private const int Busy = 4;
    private const int NotFound = 5;

    [SkippableFact]
    public void A_filesystem_on_a_loop_device_goes_back_to_its_snapshot()
    {
        Need.Loop();
        PoolFixture pool = NewMountedPool("256M");
        pool.CreateVolume("vm1", "128M");
        string device = pool.Attach("vm1");
        LoopFilesystem filesystem = pool.Filesystem(device, FilesystemKind.Of("ext4"));
        filesystem.Make();
        filesystem.Mount();
        FileTree.Create(filesystem.MountPoint, Seeded(1), 40, 32 << 10);
        IReadOnlyDictionary<string, string> before = FileTree.Checksums(filesystem.MountPoint);
        filesystem.Unmount();
        string snapshot = pool.Snapshot("vm1", "monday");
        filesystem.Mount();
        Tool.Run("rm", "-rf", filesystem.PathOf("lost+found")).MustSucceed();
        File.WriteAllText(filesystem.PathOf("new"), "new");
        ThinFuseProgram.Run("snapshot", "rollback", snapshot).MustExit(Busy).ErrorLines.Single().Should().Contain("vm1 is open");
        filesystem.Unmount();
        pool.Detach(device);

        JsonElement done = ThinFuseProgram.Json("snapshot", "rollback", snapshot, "--keep-as", "tuesday");

        done.GetProperty("volume").GetProperty("name").GetString().Should().Be("vm1");
        done.GetProperty("kept").GetProperty("name").GetString().Should().Be("vm1@tuesday");
        LoopFilesystem old = pool.Filesystem(pool.Attach("vm1"), FilesystemKind.Of("ext4"));
        old.Mount();
        FileTree.Checksums(old.MountPoint).Should().Equal(before);
        LoopFilesystem kept = pool.Filesystem(pool.Attach("vm1@tuesday"), FilesystemKind.Of("ext4"));
        kept.MountSnapshot();
        File.ReadAllText(kept.PathOf("new")).Should().Be("new");
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_forced_rollback_shows_open_and_mapped_files_the_new_content_and_warns_of_loops()
    {
        Need.Loop();
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "1M");
        Tool.Run("dd", "if=/dev/zero", $"of={volume}", "bs=64K", "count=4", "conv=notrunc", "status=none").MustSucceed();
        string snapshot = pool.Snapshot("vm1", "zeros");
        string device = pool.Attach("vm1");
        using System.IO.MemoryMappedFiles.MemoryMappedFile mapped = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(
            new FileStream(volume, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite), null, 0,
            System.IO.MemoryMappedFiles.MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        using System.IO.MemoryMappedFiles.MemoryMappedViewAccessor view = mapped.CreateViewAccessor();
        view.Write(0, 0x1234_5678);
        ThinFuseProgram.Run("snapshot", "rollback", snapshot).MustExit(Busy);

        ToolResult forced = ThinFuseProgram.Run("snapshot", "rollback", snapshot, "--force", "--keep-as", "written").MustSucceed();

        forced.ErrorLines.Single().Should().Contain("warning").And.Contain(device);
        view.ReadInt32(0).Should().Be(0, "the page that was kept is of the old content");
        BitConverter.ToInt32(File.ReadAllBytes(volume + "@written")).Should().Be(0x1234_5678, "what was dirty belongs to the old content");
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_held_snapshot_is_neither_removed_nor_deleted()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        string snapshot = pool.Snapshot("vm1", "a");

        ThinFuseProgram.Run("snapshot", "hold", snapshot, "--by", "backup").MustSucceed().Text.Should().Be("snapshot vm1@a is held by backup");
        ThinFuseProgram.Run("snapshot", "hold", snapshot, "--by", "backup").MustSucceed();
        Tool.Run("rm", "-f", snapshot).MustFail("busy");
        ThinFuseProgram.Run("snapshot", "delete", snapshot).MustExit(Busy).ErrorLines.Single().Should().Contain("held by backup");
        pool.Volume("vm1@a").GetProperty("holds")[0].GetString().Should().Be("backup");
        if (Tool.Exists("getfattr"))
        {
            Tool.Run("getfattr", "--only-values", "-n", "user.thinfuse.holds", snapshot).MustSucceed().Text.Should().Be("backup");
            Tool.Run("getfattr", "--only-values", "-n", "user.thinfuse.generation", snapshot).MustSucceed().Text
                .Should().Be(pool.Volume("vm1@a").GetProperty("generation").GetString());
        }

        pool.Unmount();
        pool.Mount();
        Tool.Run("rm", "-f", snapshot).MustFail("busy");
        ThinFuseProgram.Run("snapshot", "release", snapshot, "--by", "nobody").MustExit(NotFound);
        ThinFuseProgram.Run("snapshot", "hold", pool.PathOf("vm1"), "--by", "backup").MustExit(Usage);
        ThinFuseProgram.Run("snapshot", "release", snapshot, "--by", "backup").MustSucceed();
        Tool.Run("rm", "-f", snapshot).MustSucceed();
    }

    [SkippableFact]
    public void A_flattened_clone_outlives_its_origin_and_one_without_room_is_refused()
    {
        PoolFixture pool = NewMountedPool("64M");
        string vm1 = pool.CreateVolume("vm1", "24M");
        Tool.Run("dd", "if=/dev/urandom", $"of={vm1}", "bs=1M", "count=24", "conv=notrunc", "status=none").MustSucceed();
        ThinFuseProgram.Run("clone", vm1, pool.PathOf("vm2")).MustSucceed();
        ThinFuseProgram.Run("clone", vm1, pool.PathOf("vm3")).MustSucceed();

        JsonElement job = ThinFuseProgram.Json("volume", "flatten", pool.PathOf("vm2"), "--wait");

        job.GetProperty("state").GetString().Should().Be("completed");
        job.GetProperty("totalBytes").GetInt64().Should().Be(24 << 20);
        pool.Volume("vm2").GetProperty("exclusiveBytes").GetInt64().Should().Be(24 << 20);
        Tool.Run("cmp", vm1, pool.PathOf("vm2")).MustSucceed();
        ThinFuseProgram.Run("volume", "flatten", pool.PathOf("vm3")).MustExit(NoSpace);
        ThinFuseProgram.Json("jobs", pool.MountPoint).GetArrayLength().Should().Be(1);
        ThinFuseProgram.Run("jobs", pool.MountPoint, "--cancel", "99").MustExit(NotFound);
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_writable_snapshot_is_written_to_and_listed_as_a_snapshot()
    {
        PoolFixture pool = NewMountedPool("64M");
        File.WriteAllText(pool.CreateVolume("vm1", "1M"), "old");
        string first = pool.Snapshot("vm1", "a");
        string writable = ThinFuseProgram.Run("snapshot", "create", first, "--name", "b", "--writable").MustSucceed().Text;

        writable.Should().Be(pool.PathOf("vm1@b"));
        Tool.Run("dd", "if=/dev/urandom", $"of={writable}", "bs=4K", "count=1", "conv=notrunc", "status=none").MustSucceed();
        File.ReadAllText(first).Should().StartWith("old");
        JsonElement listed = ThinFuseProgram.Json("snapshot", "list", pool.PathOf("vm1")).EnumerateArray().Single(
            snapshot => snapshot.GetProperty("name").GetString() == "vm1@b");
        listed.GetProperty("kind").GetString().Should().Be("snapshot");
        listed.GetProperty("readOnly").GetBoolean().Should().BeFalse();
        listed.GetProperty("origin").GetString().Should().Be("vm1@a");
        Tool.Run("mv", writable, pool.PathOf("vm2")).ExitCode.Should().NotBe(0);
    }
}
