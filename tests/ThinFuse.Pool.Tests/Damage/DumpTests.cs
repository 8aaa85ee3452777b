using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Tests.Storage;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>Metadata as text, and back.</summary>
public sealed class DumpTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_restored_from_a_dump_holds_the_same_and_dumps_the_same(bool close)
    {
        SamplePool sample = SamplePool.Make(close);
        string dump = SamplePool.Dump(sample.Disk);
        SimulatedDisk disk = sample.CopyOfNodes();

        SamplePool.Restore(dump, disk);

        SamplePool.Dump(disk).Should().Be(dump);
        SamplePool.Check(disk).Problems.Should().BeEmpty();
        sample.MustBeOn(disk, "restored");
        SamplePool.Dump(disk).Should().Be(dump, "opening and closing changes nothing of the content");
    }

    [Fact]
    public void A_dump_is_for_people_to_read()
    {
        string[] lines = SamplePool.Dump(SamplePool.Make(close: true).Disk).TrimEnd('\n').Split('\n');

        lines[0].Should().StartWith("{\"type\":\"pool\",\"format\":1,\"uuid\":\"");
        lines.Should().Contain("{\"type\":\"node\",\"index\":0,\"path\":\"nodes/n-0.data\",\"extents\":256}");
        lines.Should().ContainSingle(line => line.StartsWith("{\"type\":\"settings\",\"NoSpacePolicy\":0,\"NoSpaceTimeoutMs\":60000"));
        lines.Should().ContainSingle(line => line.StartsWith("{\"type\":\"entry\",\"kind\":\"FlattenPut\""));
        lines.Should().ContainSingle(line => line.Contains("\"name\":\"vm1@s\",\"kind\":\"snapshot\""));
        lines.Should().Contain(line => line.StartsWith("{\"type\":\"run\",\"layer\":") && line.Contains("\"count\":2,\"extent\":\"0:"), "neighbours in both are one run");
        lines[^1].Should().StartWith("{\"type\":\"end\",\"runs\":");
    }

    [Fact]
    public void An_entry_that_has_no_form_of_its_own_goes_through_whole()
    {
        byte[] unknown = [250, 1, 2, 3];
        EntryWriter two = new(new byte[200]);
        two.LayerPut(new(1, 0, 7));
        two.LayerRemove(1);
        foreach (byte[] entry in (byte[][])[unknown, two.Written.ToArray(), [(byte)EntryKind.VolumePut, 1]])
        {
            string line = DumpText.Entry(entry);
            line.Should().StartWith("{\"type\":\"entry\"");
            DumpEntries.Of(new DumpLine(line)).ToArray().Should().Equal(entry);
        }
    }

    [Fact]
    public void Settings_that_are_not_known_here_go_through_too()
    {
        byte[] settings = DumpEntries.Settings([(SettingKey.NoSpacePolicy, 1), ((SettingKey)201, -5)]);

        string line = DumpText.Entry(settings);

        line.Should().Be("{\"type\":\"settings\",\"NoSpacePolicy\":1,\"201\":-5}");
        DumpEntries.Of(new DumpLine(line)).ToArray().Should().Equal(settings);
    }

    [Fact]
    public void Nodes_follow_the_metadata_that_was_restored_last_and_no_other()
    {
        using TemporaryDirectory directory = new();
        string old = Path.Combine(directory.FullPath, "old");
        string first = Path.Combine(directory.FullPath, "first");
        string second = Path.Combine(directory.FullPath, "second");
        PoolRestoreOptions options = new() { NodePaths = [Path.Combine(old, SamplePool.FirstNode)] };
        ThinPool.Create(old, EngineOptions.Pool(64 * SamplePool.Chunk, SamplePool.Chunk));
        using (ThinPool pool = ThinPool.Open(old, EngineOptions.Quiet))
        {
            pool.CreateVolume("vm1", 8 * SamplePool.Chunk);
            using VolumeHandle handle = pool.Open(1);
            handle.Write(0, TestPool.Pattern(1, SamplePool.Chunk));
        }

        using StringWriter dump = new();
        PoolRescue.Dump(old, dump);
        PoolRescue.Restore(new StringReader(dump.ToString()), first, options);
        PoolRescue.Restore(new StringReader(dump.ToString()), second, options);

        foreach (string stale in (string[])[old, first])
        {
            Action open = () => ThinPool.Open(stale, EngineOptions.Quiet).Dispose();
            open.Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Damaged && e.Message.Contains("other metadata"));
        }

        using ThinPool restored = ThinPool.Open(second, EngineOptions.Quiet);
        PoolContent.Read(restored, "vm1")[..SamplePool.Chunk].Should().Equal(TestPool.Pattern(1, SamplePool.Chunk));
    }

    [Fact]
    public void Nothing_is_restored_over_a_pool_or_from_a_pool_in_use()
    {
        using TemporaryDirectory directory = new();
        string pool = Path.Combine(directory.FullPath, "pool");
        ThinPool.Create(pool, EngineOptions.Pool(64 * SamplePool.Chunk, SamplePool.Chunk));
        using StringWriter dump = new();
        PoolRescue.Dump(pool, dump);

        Action restore = () => PoolRescue.Restore(new StringReader(dump.ToString()), pool, new PoolRestoreOptions { Force = true });
        restore.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Exists);
        using PoolLock owner = PoolLock.Acquire(pool, null);
        Action read = () => PoolRescue.Dump(pool, dump);
        read.Should().Throw<PoolInUseException>();
        Action take = () => PoolRescue.Restore(
            new StringReader(dump.ToString()), Path.Combine(directory.FullPath, "new"), new PoolRestoreOptions { NodePaths = [Path.Combine(pool, SamplePool.FirstNode)] });
        take.Should().Throw<PoolInUseException>("the nodes lie in a pool that is in use");
    }

    [Fact]
    public void Nodes_of_another_pool_are_taken_only_by_force()
    {
        SamplePool sample = SamplePool.Make(close: true);
        string dump = SamplePool.Dump(sample.Disk);
        SimulatedDisk disk = sample.CopyOfNodes();
        SamplePool.Overwrite(disk, SamplePool.FirstNode, 0, new byte[4096]);

        Action restore = () => SamplePool.Restore(dump, disk);
        restore.Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Damaged && e.Message.Contains("--force"));
        disk.Exists("superblock").Should().BeFalse();
        SamplePool.Restore(dump, disk, new PoolRestoreOptions { Force = true });

        sample.MustBeOn(disk, "forced");
    }

    [Fact]
    public void A_dump_that_was_cut_short_doubled_or_garbled_is_refused_or_makes_a_sound_pool()
    {
        SamplePool sample = SamplePool.Make(close: true);
        string[] lines = SamplePool.Dump(sample.Disk).TrimEnd('\n').Split('\n');
        for (int line = 0; line < lines.Length; line += line < 16 ? 2 : 9)
        {
            Refused([.. lines[..line]], $"cut at {line}");
            Refused([.. lines[..line], lines[line][..(lines[line].Length / 2)], .. lines[(line + 1)..]], $"half of line {line}");
        }

        for (int seed = 0; seed < 60; seed++)
        {
            Random random = new(seed);
            char[] text = string.Join('\n', lines).ToCharArray();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                text[random.Next(text.Length)] = (char)random.Next(32, 127);
            }

            SimulatedDisk disk = sample.CopyOfNodes();
            if (Try(new string(text), disk, $"seed {seed}") is null)
            {
                SamplePool.Check(disk).Problems.Where(problem => problem.Kind is not CheckProblemKinds.Volume).Should().BeEmpty($"seed {seed}");
            }
        }

        void Refused(string[] changed, string what) =>
            Try(string.Join('\n', changed), sample.CopyOfNodes(), what).Should().NotBeNull(what);
    }

    private PoolException? Try(string dump, SimulatedDisk disk, string what)
    {
        output.WriteLine(what);
        try
        {
            SamplePool.Restore(dump, disk);
            return null;
        }
        catch (PoolException e)
        {
            e.Kind.Should().BeOneOf(PoolErrorKind.Damaged, PoolErrorKind.Usage);
            disk.Exists("superblock").Should().BeFalse();
            return e;
        }
    }
}
