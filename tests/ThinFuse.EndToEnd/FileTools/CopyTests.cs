using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.FileTools;

/// <summary>cp and dd within the mount, into it and out of it.</summary>
public sealed class CopyTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int ContentBytes = 16 << 20;

    [SkippableFact]
    public void Cp_of_a_volume_without_holes_clones_it_and_uses_no_space()
    {
        // Of a file that has holes cp copies each run of data by itself, and writes zeros for the holes if it is told to.
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "24M");
        Tool.Run("dd", "if=/dev/urandom", $"of={volume}", "bs=1M", "count=24", "conv=notrunc").MustSucceed();
        long before = pool.StatusBytes("allocatedBytes");

        Tool.Run("cp", "--sparse=never", volume, pool.PathOf("vm2")).MustSucceed();

        pool.StatusBytes("allocatedBytes").Should().Be(before);
        Tool.Run("cmp", volume, pool.PathOf("vm2")).MustSucceed();
        Tool.Run("dd", "if=/dev/urandom", $"of={pool.PathOf("vm2")}", "bs=64K", "count=1", "conv=notrunc").MustSucceed();
        Tool.Run("cmp", volume, pool.PathOf("vm2")).MustExit(1);
        pool.MustBeSound();
    }

    [SkippableFact]
    public void Clone_of_a_volume_with_holes_uses_no_space()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = NewVolume(pool);
        long before = pool.StatusBytes("allocatedBytes");

        ThinFuseProgram.Run("clone", volume, pool.PathOf("vm2")).MustSucceed();

        pool.StatusBytes("allocatedBytes").Should().Be(before);
        Tool.Run("cmp", volume, pool.PathOf("vm2")).MustSucceed();
    }

    [SkippableFact]
    public void Plain_cp_copies_within_the_mount_out_of_it_and_into_it()
    {
        PoolFixture pool = NewMountedPool("128M");
        string volume = NewVolume(pool);
        string outside = Path.Combine(pool.Home, "outside");

        Tool.Run("cp", volume, pool.PathOf("vm2")).MustSucceed();
        Tool.Run("cp", volume, outside).MustSucceed();
        Tool.Run("cp", outside, pool.PathOf("vm3")).MustSucceed();
        Tool.Run("cp", "--sparse=never", outside, pool.PathOf("vm4")).MustSucceed();

        foreach (string copy in new[] { pool.PathOf("vm2"), outside, pool.PathOf("vm3"), pool.PathOf("vm4") })
        {
            Tool.Run("cmp", volume, copy).MustSucceed();
        }

        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_copy_of_a_snapshot_becomes_a_writable_volume()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = NewVolume(pool);
        string snapshot = pool.Snapshot("vm1", "s");
        File.WriteAllText(volume, "changed");

        Tool.Run("cp", "--sparse=never", "--no-preserve=mode", snapshot, pool.PathOf("vm2")).MustSucceed();

        Tool.Run("cmp", snapshot, pool.PathOf("vm2")).MustSucceed();
        Tool.Run("dd", "if=/dev/urandom", $"of={pool.PathOf("vm2")}", "bs=4K", "count=4", "conv=notrunc").MustSucceed();
    }

    [SkippableFact]
    public void Cp_with_archive_and_overwriting_keeps_content()
    {
        PoolFixture pool = NewMountedPool("128M");
        string volume = NewVolume(pool);
        Tool.Run("truncate", "-s", "20M", pool.PathOf("vm2")).MustSucceed();

        Tool.Run("cp", "-a", volume, pool.PathOf("vm2")).MustSucceed();

        Tool.Run("cmp", volume, pool.PathOf("vm2")).MustSucceed();
        File.GetLastWriteTimeUtc(pool.PathOf("vm2")).Should().Be(File.GetLastWriteTimeUtc(volume));
    }

    [SkippableFact]
    public void Dd_of_parts_reads_and_writes_what_it_is_told_to()
    {
        PoolFixture pool = NewMountedPool("128M");
        string volume = NewVolume(pool);
        string part = Path.Combine(pool.Home, "part");

        Tool.Run("dd", $"if={volume}", $"of={part}", "bs=1000", "skip=777", "count=1234").MustSucceed();
        Tool.Run("dd", $"if={part}", $"of={volume}", "bs=333", "seek=31", "conv=notrunc,fsync").MustSucceed();

        byte[] expected = File.ReadAllBytes(part);
        byte[] read = new byte[expected.Length];
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadOnly);
        file.Read(333 * 31, read).Should().Be(read.Length);
        read.Should().Equal(expected);
    }

    /// <summary>A volume with data, then a hole, then data.</summary>
    private string NewVolume(PoolFixture pool)
    {
        string volume = pool.CreateVolume("vm1", "32M");
        byte[] content = new byte[ContentBytes / 2];
        Random random = Seeded(14);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite);
        foreach (long offset in new long[] { 0, ContentBytes })
        {
            random.NextBytes(content);
            file.Write(offset, content).Should().Be(content.Length);
        }

        return volume;
    }
}
