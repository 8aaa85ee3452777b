using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.FileTools;

/// <summary>Images come into volumes, and go out of them, by the tools that everybody has; what was a hole stays one.</summary>
public sealed class ImportTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int MiB = 1 << 20;

    [SkippableFact]
    public void Dd_and_cp_keep_holes_both_ways()
    {
        PoolFixture pool = NewMountedPool("64M");
        string image = Image(pool);
        string vm1 = pool.PathOf("vm1");
        string vm2 = pool.PathOf("vm2");

        Tool.Run("dd", $"if={image}", $"of={vm1}", "bs=64K", "conv=sparse").MustSucceed();
        Tool.Run("cp", "--sparse=always", image, vm2).MustSucceed();

        MustHold(pool, "vm1", image);
        MustHold(pool, "vm2", image);
        string exported = Path.Combine(pool.Home, "dd.img");
        Tool.Run("dd", $"if={vm1}", $"of={exported}", "bs=64K", "conv=sparse").MustSucceed();
        MustBeSparse(exported, image);
        exported = Path.Combine(pool.Home, "cp.img");
        Tool.Run("cp", "--sparse=always", pool.Snapshot("vm2", "monday"), exported).MustSucceed();
        MustBeSparse(exported, image);
    }

    [SkippableFact]
    public void Qemu_img_keeps_holes_both_ways()
    {
        Need.Tools("qemu-img");
        PoolFixture pool = NewMountedPool("64M");
        string image = Image(pool);
        string qcow = Path.Combine(pool.Home, "disk.qcow2");
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", image, qcow).MustSucceed();

        Tool.Run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", qcow, pool.PathOf("vm1")).MustSucceed();
        pool.CreateVolume("vm2", "256M");
        Tool.Run("qemu-img", "convert", "-n", "-f", "qcow2", "-O", "raw", "--target-is-zero", qcow, pool.PathOf("vm2")).MustSucceed();

        MustHold(pool, "vm1", image);
        MustHold(pool, "vm2", image);
        string exported = Path.Combine(pool.Home, "back.qcow2");
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", pool.Snapshot("vm1", "monday"), exported).MustSucceed();
        new FileInfo(exported).Length.Should().BeLessThan(8 * MiB);
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", image, exported).MustSucceed();
    }

    /// <summary>A raw image of 256 MiB with 5 MiB of data.</summary>
    private string Image(PoolFixture pool)
    {
        string image = Path.Combine(pool.Home, "disk.img");
        byte[] data = new byte[5 * MiB];
        Seeded(41).NextBytes(data);
        using FileStream file = new(image, FileMode.CreateNew, FileAccess.Write);
        file.Write(data.AsSpan(0, 2 * MiB));
        file.Position = 100 * MiB;
        file.Write(data.AsSpan(2 * MiB));
        file.SetLength(256 * MiB);
        return image;
    }

    private static void MustHold(PoolFixture pool, string volume, string image)
    {
        Tool.Run("cmp", image, pool.PathOf(volume)).MustSucceed();
        pool.Volume(volume).GetProperty("allocatedBytes").GetInt64().Should().Be(5 * MiB, $"{volume} holds the data and no zeros");
    }

    private static void MustBeSparse(string exported, string image)
    {
        Tool.Run("cmp", image, exported).MustSucceed();
        long blocks = long.Parse(Tool.Run("stat", "--format=%b", exported).MustSucceed().Text, CultureInfo.InvariantCulture);
        (blocks * 512).Should().BeLessThan(8 * MiB, $"{exported} has holes where the volume has");
    }
}
