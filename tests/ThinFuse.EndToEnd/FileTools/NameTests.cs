using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.FileTools;

/// <summary>Volumes are made, renamed, resized and removed by ordinary tools.</summary>
public sealed class NameTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    [SkippableFact]
    public void Truncate_creates_and_resizes_a_volume()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.PathOf("vm1");

        Tool.Run("truncate", "-s", "100G", volume).MustSucceed();
        pool.Volume("vm1").GetProperty("sizeBytes").GetInt64().Should().Be(100L << 30);
        Tool.Run("truncate", "-s", "1M", volume).MustSucceed();

        pool.Volume("vm1").GetProperty("sizeBytes").GetInt64().Should().Be(1 << 20);
        new FileInfo(volume).Length.Should().Be(1 << 20);
    }

    [SkippableFact]
    public void Mv_renames_and_never_replaces_an_existing_volume()
    {
        PoolFixture pool = NewMountedPool("64M");
        File.WriteAllText(pool.CreateVolume("vm1", "1M"), "one");
        File.WriteAllText(pool.CreateVolume("vm2", "1M"), "two");

        Tool.Run("mv", "-n", pool.PathOf("vm1"), pool.PathOf("vm2"));
        Tool.Run("mv", "-f", pool.PathOf("vm1"), pool.PathOf("vm2")).MustFail("File exists");
        File.ReadAllText(pool.PathOf("vm2")).Should().StartWith("two");
        Tool.Run("mv", pool.PathOf("vm1"), pool.PathOf("vm3")).MustSucceed();

        File.ReadAllText(pool.PathOf("vm3")).Should().StartWith("one");
        Directory.GetFiles(pool.MountPoint).Select(Path.GetFileName).Should().BeEquivalentTo("vm2", "vm3");
    }

    [SkippableFact]
    public void Rm_deletes_and_gives_the_space_back()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        File.WriteAllBytes(volume, new byte[16 << 20].Select(_ => (byte)1).ToArray());
        pool.StatusBytes("allocatedBytes").Should().BeGreaterThanOrEqualTo(16 << 20);

        Tool.Run("rm", volume).MustSucceed();

        File.Exists(volume).Should().BeFalse();
        pool.WaitForStatus("nothing is allocated", status => status.GetProperty("allocatedBytes").GetInt64() == 0);
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_volume_removed_while_open_lives_until_it_is_closed()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "4M");
        byte[] content = new byte[4 << 20];
        Seeded(13).NextBytes(content);
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            file.Write(0, content).Should().Be(content.Length);
            Tool.Run("rm", volume).MustSucceed();
            File.Exists(volume).Should().BeFalse();

            byte[] read = new byte[content.Length];
            file.Read(0, read).Should().Be(read.Length);
            read.Should().Equal(content);
            file.Write(4096, content.AsSpan(0, 4096)).Should().Be(4096);
            pool.StatusBytes("allocatedBytes").Should().BeGreaterThanOrEqualTo(content.Length);

            // Its name is free at once.
            pool.CreateVolume("vm1", "1M");
        }

        pool.WaitForStatus("nothing is allocated", status => status.GetProperty("allocatedBytes").GetInt64() == 0);
    }

    [SkippableFact]
    public void A_name_that_is_none_is_refused()
    {
        PoolFixture pool = NewMountedPool("64M");

        foreach (string name in new[] { "-first", ".hidden", "with blank", "\u00fcmlaut", "vm1@snap", "@" })
        {
            RawFile.TryOpen(pool.PathOf(name), OpenFlags.ReadWrite | OpenFlags.Create, out int errno).Should().BeNull(name);
            errno.Should().Be(Errno.EINVAL, name);
        }

        Directory.GetFiles(pool.MountPoint).Should().BeEmpty();
    }

    [SkippableFact]
    public void The_longest_name_is_taken_and_a_longer_one_refused()
    {
        PoolFixture pool = NewMountedPool("64M");
        const int longest = 128;

        Tool.Run("truncate", "-s", "1M", pool.PathOf(new string('a', longest))).MustSucceed();
        Tool.Run("truncate", "-s", "1M", pool.PathOf(new string('b', longest + 1))).MustFail("File name too long");

        pool.Snapshot(new string('a', longest), new string('s', 126));
        Tool.Run("mkdir", pool.PathOf("directory")).MustFail("");
        Tool.Run("ln", "-s", "x", pool.PathOf("link")).MustFail("");
    }
}
