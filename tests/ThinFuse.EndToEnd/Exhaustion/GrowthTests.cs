using ThinFuse.EndToEnd.Filesystems;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>Pools that grow under a write that needs it: by an operator, by a hook, by themselves.</summary>
public sealed class GrowthTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int FillMiB = 224;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [SkippableTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void On_a_filesystem_a_fill_waits_for_growth_and_completes_and_the_filesystem_is_clean(string type)
    {
        LoopFilesystem filesystem = NewFilesystem(type, out PoolFixture pool, "--no-space", "queue", "--no-space-timeout", "0");
        using RunningTool fill = Fill(filesystem);
        pool.WaitForStatus("the pool is full", status => status.GetProperty("mode").GetString() == "out_of_space");
        fill.HasEnded.Should().BeFalse("it waits");

        pool.Grow("512M");

        fill.Wait(Patience).MustSucceed();
        pool.Mode.Should().Be("write");
        MustBeCleanAndWhole(filesystem, pool);
    }

    [SkippableTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void On_a_filesystem_a_pool_that_extends_itself_lets_a_fill_through_and_stops_where_it_should(string type)
    {
        LoopFilesystem filesystem = NewFilesystem(type, out PoolFixture pool, "--auto-extend", "25%", "--max-size", "320M");

        using (RunningTool fill = Fill(filesystem))
        {
            fill.Wait(Patience).MustSucceed();
        }

        pool.Log.Should().NotContain("out_of_space");
        pool.StatusBytes("totalBytes").Should().BeInRange(FillMiB << 20, 320 << 20);
        Filler.Fill(filesystem.PathOf("rest"), Seeded(1), maxPieces: 200).ErrorNumber.Should().BeOneOf(Errno.ENOSPC, Errno.EIO);
        pool.StatusBytes("totalBytes").Should().Be(320 << 20);
        pool.Mode.Should().Be("out_of_space");
        pool.Grow("1G");
        filesystem.Unmount();

        // The first mount replays the filesystem's journal, as after a crash.
        filesystem.Mount();
        MustBeCleanAndWhole(filesystem, pool);
    }

    [SkippableFact]
    public void A_hook_grows_the_pool_at_the_low_water_mark()
    {
        PoolFixture pool = NewPool("32M", more: ["--low-water", "50%"]);
        string hook = Path.Combine(Directory.CreateDirectory(Path.Combine(pool.PoolDirectory, "hooks.d")).FullName, "10-grow");
        File.WriteAllText(hook, $"#!/bin/sh\n[ \"$1\" = low_water ] && exec {ThinFuseProgram.FullPath} pool grow \"$THINFUSE_MOUNT\" --size 96M\nexit 0\n");
        Tool.Run("chmod", "755", hook).MustSucceed();
        pool.Mount();
        string volume = pool.CreateVolume("vm1", "64M");

        Tool.Run("dd", "if=/dev/zero", $"of={volume}", "bs=1M", "count=20", "oflag=direct", "conv=notrunc", "status=none").MustSucceed();

        pool.WaitForStatus("the hook has grown the pool", status => status.GetProperty("totalBytes").GetInt64() == 96 << 20);
        Tool.Run("dd", "if=/dev/zero", $"of={volume}", "bs=1M", "count=64", "oflag=direct", "conv=notrunc", "status=none").MustSucceed();
        pool.MustBeSound();
    }

    private static RunningTool Fill(LoopFilesystem filesystem) =>
        Tool.Start("dd", ["if=/dev/zero", $"of={filesystem.PathOf("fill")}", "bs=1M", $"count={FillMiB}", "conv=fsync", "status=none"]);

    private static void MustBeCleanAndWhole(LoopFilesystem filesystem, PoolFixture pool)
    {
        Tool.Run("cmp", $"--bytes={FillMiB << 20}", "/dev/zero", filesystem.PathOf("fill")).MustSucceed();
        filesystem.Unmount();
        filesystem.MustBeClean();
        pool.MustBeSound();
    }

    private LoopFilesystem NewFilesystem(string type, out PoolFixture pool, params string[] more)
    {
        Need.Loop();
        FilesystemKind kind = FilesystemKind.Of(type);
        kind.Require();
        pool = NewPool("192M", more: more);
        pool.Mount();
        pool.CreateVolume("vm1", "1G");
        LoopFilesystem filesystem = pool.Filesystem(pool.Attach("vm1"), kind);
        filesystem.Make();
        filesystem.Mount();
        return filesystem;
    }
}
