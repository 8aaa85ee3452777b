using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.FileTools;

/// <summary>What df, du, stat, fallocate and SEEK_HOLE say about space.</summary>
public sealed class SpaceTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int MiB = 1 << 20;

    [SkippableFact]
    public void Df_shows_the_pool_and_du_and_stat_what_a_volume_holds()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "1G");
        Write(volume, 0, 8 * MiB);

        long[] df = [.. Tool.Run("df", "--block-size=1", "--output=size,used,avail", pool.MountPoint).MustSucceed()
            .Output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
        df[0].Should().Be(pool.StatusBytes("totalBytes"));
        df[1].Should().Be(8 * MiB);
        df[2].Should().Be(pool.StatusBytes("freeBytes"));
        Number(Tool.Run("du", "--block-size=1", volume).MustSucceed().Output.Split('\t')[0]).Should().Be(8 * MiB);
        Number(Tool.Run("stat", "--format=%s", volume).MustSucceed().Text).Should().Be(1L << 30);
        Number(Tool.Run("stat", "--format=%b", volume).MustSucceed().Text).Should().Be(8 * MiB / 512);
    }

    [SkippableFact]
    public void Fallocate_punches_a_hole_that_reads_as_zeros_and_gives_its_space_back()
    {
        Need.Tools("fallocate");
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        Write(volume, 0, 16 * MiB);

        Tool.Run("fallocate", "--punch-hole", "--offset", "4M", "--length", "8M", volume).MustSucceed();

        pool.WaitForStatus("the hole's space is free", status => status.GetProperty("allocatedBytes").GetInt64() == 8 * MiB);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadOnly);
        byte[] read = new byte[8 * MiB];
        file.Read(4 * MiB, read).Should().Be(read.Length);
        read.Should().OnlyContain(b => b == 0);
        file.Read(0, read.AsSpan(0, 4096)).Should().Be(4096);
        read.AsSpan(0, 4096).IndexOfAnyExcept((byte)1).Should().Be(-1);
    }

    [SkippableFact]
    public void Seek_finds_data_and_holes()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        Write(volume, 2 * MiB, MiB);
        Write(volume, 8 * MiB, MiB);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite);

        file.SeekData(0).Should().Be(2 * MiB);
        file.SeekHole(2 * MiB).Should().Be(3 * MiB);
        file.SeekHole(0).Should().Be(0);
        file.SeekData(3 * MiB).Should().Be(8 * MiB);
        file.SeekData(9 * MiB).Should().Be(-Errno.ENXIO);
        file.SeekHole(16 * MiB).Should().Be(-Errno.ENXIO);

        // A snapshot takes nothing away from what the volume shows.
        pool.Snapshot("vm1", "s");
        file.Punch(2 * MiB, MiB).Should().Be(0);
        file.SeekData(0).Should().Be(8 * MiB);
        using RawFile old = RawFile.Open(pool.PathOf("vm1@s"), OpenFlags.ReadOnly);
        old.SeekData(0).Should().Be(2 * MiB);
    }

    [SkippableFact]
    public void Extended_attributes_tell_origin_and_space()
    {
        Need.Tools("getfattr");
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        Write(volume, 0, 2 * MiB);
        string snapshot = pool.Snapshot("vm1", "s");
        Write(volume, 0, MiB);

        string[] ofVolume = Attributes(volume);
        string[] ofSnapshot = Attributes(snapshot);

        ofVolume.Should().Contain("user.thinfuse.kind=\"volume\"").And.Contain($"user.thinfuse.exclusive=\"{MiB}\"");
        ofSnapshot.Should().Contain("user.thinfuse.kind=\"snapshot\"").And.Contain("user.thinfuse.origin=\"vm1\"")
            .And.Contain($"user.thinfuse.allocated=\"{2 * MiB}\"").And.Contain($"user.thinfuse.exclusive=\"{MiB}\"");
        Tool.Run("setfattr", "-n", "user.thinfuse.kind", "-v", "x", volume).ExitCode.Should().NotBe(0);
    }

    private static string[] Attributes(string path) =>
        Tool.Run("getfattr", "--absolute-names", "-d", path).MustSucceed().Output.Split('\n');

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);

    private static void Write(string volume, long offset, int length)
    {
        byte[] content = new byte[length];
        Array.Fill(content, (byte)1);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite);
        file.Write(offset, content).Should().Be(length);
    }
}
