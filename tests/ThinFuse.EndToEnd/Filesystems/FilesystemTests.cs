using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Filesystems;

/// <summary>Real filesystems on loop devices of volumes.</summary>
public sealed class FilesystemTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output, TimeSpan.FromMinutes(3))
{
    private const int TreeFiles = 200;
    private const int AverageFileBytes = 64 << 10;

    [SkippableTheory]
    [OnEachTransport("ext4")]
    [OnEachTransport("xfs")]
    [OnEachTransport("btrfs")]
    public void A_snapshot_taken_while_mounted_shows_the_old_content_beside_the_new(string type, string transport)
    {
        LoopFilesystem live = NewFilesystem(type, "512M", transport, out PoolFixture pool);
        FileTree.Create(live.MountPoint, Seeded(1), TreeFiles, AverageFileBytes);
        IReadOnlyDictionary<string, string> before = FileTree.Checksums(live.MountPoint);

        Tool.Run("fsfreeze", "--freeze", live.MountPoint).MustSucceed();
        string snapshot;
        try
        {
            snapshot = pool.Snapshot("vm1", "before");
        }
        finally
        {
            Tool.Run("fsfreeze", "--unfreeze", live.MountPoint).MustSucceed();
        }

        Change(live, before);
        IReadOnlyDictionary<string, string> after = FileTree.Checksums(live.MountPoint);
        LoopFilesystem old = pool.Filesystem(pool.Attach(Path.GetFileName(snapshot)), FilesystemKind.Of(type));
        old.MountSnapshot();

        FileTree.Checksums(old.MountPoint).Should().Equal(before);
        FileTree.Checksums(live.MountPoint).Should().Equal(after).And.NotEqual(before);
        Tool.Run("touch", old.PathOf("new")).MustFail("Read-only file system");
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport("ext4")]
    [OnEachTransport("xfs")]
    [OnEachTransport("btrfs")]
    public void A_filesystem_is_told_of_exhaustion_and_goes_on_after_growth(string type, string transport)
    {
        LoopFilesystem filesystem = NewFilesystem(type, "128M", transport, out PoolFixture pool);
        Random random = Seeded(2);
        FileTree.Create(filesystem.MountPoint, random, TreeFiles, AverageFileBytes);
        Tool.Run("sync", "--file-system", filesystem.MountPoint).MustSucceed();
        IReadOnlyDictionary<string, string> tree = FileTree.Checksums(filesystem.MountPoint);

        Filler filler = Filler.Fill(filesystem.PathOf("filler"), random);
        Output.WriteLine($"{filler.SyncedPieces} MiB were synced, then errno {filler.ErrorNumber}");
        filler.ErrorNumber.Should().BeOneOf(Errno.ENOSPC, Errno.EIO);
        filler.SyncedPieces.Should().BePositive();
        pool.Mode.Should().Be("out_of_space", "the log says: {0}", pool.Log);

        filesystem.Unmount();
        pool.Grow("1G");

        // The first mount replays the filesystem's journal, as after a crash; a check that changes nothing cannot.
        filesystem.Mount();
        filesystem.Unmount();
        filesystem.MustBeClean();
        filesystem.Mount();
        filler.MustBeIntact();
        FileTree.Checksums(filesystem.MountPoint).Where(file => file.Key != "filler").Should().BeEquivalentTo(tree);
        Filler.Fill(filesystem.PathOf("more"), random, maxPieces: 40).ErrorNumber.Should().Be(0);
        filesystem.Unmount();
        filesystem.MustBeClean();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport("ext4")]
    [OnEachTransport("xfs")]
    [OnEachTransport("btrfs")]
    public void Fstrim_gives_space_back_to_the_pool(string type, string transport)
    {
        Need.Tools("fstrim");
        LoopFilesystem filesystem = NewFilesystem(type, "512M", transport, out PoolFixture pool);
        const int written = 64;
        Filler.Fill(filesystem.PathOf("big"), Seeded(3), written).ErrorNumber.Should().Be(0);
        long full = pool.StatusBytes("allocatedBytes");

        File.Delete(filesystem.PathOf("big"));

        // XFS frees a deleted file's blocks in its own time, and only free blocks are trimmed.
        filesystem.Unmount();
        filesystem.Mount();
        Tool.Run("fstrim", filesystem.MountPoint).MustSucceed();

        const long nearlyAll = (long)(written * 0.9) << 20;
        pool.WaitForStatus("trimmed space is free again", status => status.GetProperty("allocatedBytes").GetInt64() <= full - nearlyAll);
        filesystem.Unmount();
        filesystem.MustBeClean();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Deleting_a_snapshot_gives_the_space_back_that_only_it_held(string transport)
    {
        LoopFilesystem filesystem = NewFilesystem("ext4", "512M", transport, out PoolFixture pool);
        Random random = Seeded(4);
        const int pieces = 64;
        Filler.Fill(filesystem.PathOf("file"), random, pieces).ErrorNumber.Should().Be(0);
        string snapshot = pool.Snapshot("vm1", "old");
        Filler.Fill(filesystem.PathOf("file"), random, pieces).ErrorNumber.Should().Be(0);
        long both = pool.StatusBytes("allocatedBytes");

        ThinFuseProgram.Run("snapshot", "delete", snapshot).MustSucceed();

        const long nearlyAll = (long)(pieces * 0.9) << 20;
        pool.WaitForStatus("the snapshot's space is free", status => status.GetProperty("allocatedBytes").GetInt64() <= both - nearlyAll);
        filesystem.Unmount();
        filesystem.MustBeClean();
        pool.MustBeSound();
    }

    private static void Change(LoopFilesystem live, IReadOnlyDictionary<string, string> files)
    {
        string[] names = [.. files.Keys.Order()];
        for (int i = 0; i < names.Length; i++)
        {
            string path = live.PathOf(names[i]);
            switch (i % 3)
            {
                case 0: File.WriteAllText(path, "changed"); break;
                case 1: File.Delete(path); break;
                default: File.Move(path, path + ".moved"); break;
            }
        }

        Tool.Run("sync", "--file-system", live.MountPoint).MustSucceed();
    }

    private LoopFilesystem NewFilesystem(string type, string poolSize, string transport, out PoolFixture pool)
    {
        Need.Loop();
        FilesystemKind kind = FilesystemKind.Of(type);
        kind.Require();
        pool = NewMountedPool(poolSize, transport: transport);
        pool.CreateVolume("vm1", "1G");
        LoopFilesystem filesystem = pool.Filesystem(pool.Attach("vm1"), kind);
        filesystem.Make();
        filesystem.Mount();
        return filesystem;
    }
}
