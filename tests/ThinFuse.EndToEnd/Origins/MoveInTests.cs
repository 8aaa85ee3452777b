using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Origins;

/// <summary>An existing disk moves into a pool while it is in use: a volume reads through to it, is written, and in the end does without it.</summary>
public sealed class MoveInTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    // Not a multiple of a block: the disk ends inside one.
    private const int ImageBytes = (64 << 20) + (3 * 512);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(80);

    [SkippableTheory]
    [OnEachTransport]
    public void A_filesystem_moves_in_under_load_and_its_image_may_go(string transport)
    {
        Need.Tools("fio");
        Need.Loop();
        FilesystemKind.Ext4.Require();
        PoolFixture pool = NewMountedPool("256M", transport: transport);
        string image = MakeImage(pool, out IReadOnlyDictionary<string, string> tree);
        string before = FileTree.Checksum(image);

        JsonElement created = ThinFuseProgram.Json("volume", "create", pool.PathOf("vm1"), "--origin", image);
        created.GetProperty("sizeBytes").GetInt64().Should().Be(ImageBytes);
        FileTree.Checksum(pool.PathOf("vm1")).Should().Be(before);
        LoopFilesystem filesystem = pool.Filesystem(pool.Attach("vm1"), FilesystemKind.Ext4);
        filesystem.Mount();
        FileTree.Checksums(filesystem.MountPoint).Should().BeEquivalentTo(tree);

        using (RunningTool fio = Tool.Start("fio", FioArguments(filesystem.PathOf("fio.dat"))))
        {
            ThinFuseProgram.Run("volume", "hydrate", pool.PathOf("vm1"), "--rate", "16M", "--wait").MustSucceed().Text.Should().Contain("completed");
            fio.Wait(Patience).MustSucceed().Errors.Should().NotContain("bad magic").And.NotContain("verify failed");
        }

        FileTree.Checksum(image).Should().Be(before, "an origin is only read");
        pool.Volume("vm1").TryGetProperty("originFile", out _).Should().BeFalse();
        File.Delete(image);
        filesystem.Unmount();
        filesystem.MustBeClean();
        filesystem.Mount();
        FileTree.Checksums(filesystem.MountPoint).Where(file => file.Key != "fio.dat").Should().BeEquivalentTo(tree);
        filesystem.Unmount();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_missing_origin_costs_what_only_it_has_and_can_be_found_again(string transport)
    {
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        string image = Path.Combine(pool.Home, "base.img");
        byte[] content = new byte[(1 << 20) + 700];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(image, content);
        string vm1 = pool.PathOf("vm1");
        ThinFuseProgram.Run("volume", "create", vm1, "--origin", image, "--size", "2M").MustSucceed();
        Tool.Run("dd", $"if={vm1}", "bs=1M", "count=3", "iflag=direct", $"of={pool.Home}/copy", "status=none").MustSucceed();
        File.ReadAllBytes(Path.Combine(pool.Home, "copy")).Should().Equal([.. content, .. new byte[(2 << 20) - content.Length]]);
        using (RawFile file = RawFile.Open(vm1, OpenFlags.ReadWrite))
        {
            file.Write(0, new byte[64 << 10]).Should().Be(64 << 10);
        }

        pool.Unmount();
        File.Move(image, image + ".moved");
        pool.Mount();

        JsonElement volume = pool.Volume("vm1");
        volume.GetProperty("originFile").GetString().Should().Be(image);
        volume.GetProperty("hydratedBytes").GetInt64().Should().Be(0);
        volume.GetProperty("hydration").GetString().Should().Be("off");
        volume.GetProperty("originTrouble").GetString().Should().Contain(image);
        ThinFuseProgram.Run("events", pool.MountPoint).MustSucceed().Text.Should().Contain("origin_missing");
        byte[] buffer = new byte[4096];
        using (RawFile file = RawFile.Open(vm1, OpenFlags.ReadWrite))
        {
            file.Read(4096, buffer).Should().Be(4096);
            file.Read(128 << 10, buffer).Should().Be(-Errno.EIO);
            file.Read(1900 << 10, buffer).Should().Be(4096, "nothing is read of the origin behind its end");
        }

        ThinFuseProgram.Run("volume", "set", vm1, "--origin", image).MustExit(5);
        ThinFuseProgram.Run("volume", "set", vm1, "--origin", image + ".moved").MustSucceed();
        using (RawFile file = RawFile.Open(vm1, OpenFlags.ReadWrite))
        {
            file.Read(128 << 10, buffer).Should().Be(4096);
            buffer.Should().Equal(content.AsSpan(128 << 10, 4096).ToArray());
        }

        ThinFuseProgram.Run("volume", "create", pool.PathOf("vm2"), "--origin", vm1).MustExit(2).ErrorLines.Single().Should().Contain("in this pool already");
        Tool.Run("getfattr", "--only-values", "-n", "user.thinfuse.origin_file", vm1).MustSucceed().Text.Should().Be(image + ".moved");
    }

    [SkippableFact]
    public void A_hydration_that_met_a_full_pool_goes_on_when_something_is_deleted()
    {
        PoolFixture pool = NewMountedPool("32M");
        string image = Path.Combine(pool.Home, "base.img");
        Tool.Run("dd", "if=/dev/urandom", $"of={image}", "bs=1M", "count=16", "status=none").MustSucceed();
        string content = FileTree.Checksum(image);
        ThinFuseProgram.Run("volume", "create", pool.PathOf("vm1"), "--origin", image).MustSucceed();
        Tool.Run("dd", "if=/dev/urandom", $"of={pool.PathOf("filler")}", "bs=1M", "count=24", "status=none").MustSucceed();

        ThinFuseProgram.Run("volume", "hydrate", pool.PathOf("vm1")).MustSucceed();
        Waiting.Until("the hydration waits", () => pool.Volume("vm1").GetProperty("hydration").GetString() == "waiting", () => pool.Volume("vm1"));
        ThinFuseProgram.Json("jobs", pool.MountPoint)[0].GetProperty("state").GetString().Should().Be("waiting");
        ThinFuseProgram.Run("volume", "list", pool.MountPoint).MustSucceed().Text.Should().Contain("waiting for space");
        File.Delete(pool.PathOf("filler"));

        Waiting.Until("the origin is let go of", () => !pool.Volume("vm1").TryGetProperty("originFile", out _), () => pool.Volume("vm1"));
        File.Delete(image);
        FileTree.Checksum(pool.PathOf("vm1")).Should().Be(content);
        pool.MustBeSound();
    }

    private string MakeImage(PoolFixture pool, out IReadOnlyDictionary<string, string> tree)
    {
        string image = Path.Combine(pool.Home, "disk.img");
        string source = Scratch.NewDirectory("tree");
        FileTree.Create(source, Seeded(17), files: 200, averageBytes: 64 << 10);
        tree = FileTree.Checksums(source);
        Tool.Run("truncate", "-s", $"{ImageBytes}", image).MustSucceed();
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", source, image).MustSucceed();
        return image;
    }

    private static string[] FioArguments(string file) =>
    [
        "--name=verify", $"--filename={file}", "--ioengine=libaio", "--direct=1", "--iodepth=16", "--randseed=5", "--size=16M",
        "--rw=randwrite", "--bsrange=4k-64k", "--bs_unaligned=0", "--blockalign=4k", "--loops=6",
        "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--verify_backlog=256", "--verify_state_save=0",
    ];
}
