using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Names, sizes and offsets at the edges and beyond, and how far a tree of snapshots can go.</summary>
public sealed class LimitsTests(ITestOutputHelper output)
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    public static TheoryData<string> BadVolumeNames => new()
    {
        "", " ", ".", "..", ".hidden", "-x", "_x", "a/b", "/a", "a@b", "@", "a@", "@a", "a b", "a\n", "a\0", "ä", "aé", "名", new string('a', 129),
    };

    public static TheoryData<string> BadSnapshotNames => new()
    {
        "", "@", "vm1", "vm1@", "@s", "vm1@@s", "vm1@s@t", "vm1@-s", "vm1@.s", "vm1@a/b", "vm1@ä", "/@s",
        "vm1@" + new string('a', 129), new string('a', 129) + "@s",
    };

    [Theory]
    [MemberData(nameof(BadVolumeNames))]
    public void A_bad_volume_name_is_refused_everywhere(string name)
    {
        using TestPool test = TestPool.Create(4);
        test.Pool.CreateVolume("vm1", Chunk);
        Usage(() => test.Pool.CreateVolume(name, Chunk));
        Usage(() => test.Pool.Clone("vm1", name));
        Usage(() => test.Pool.Rename("vm1", name));
        test.Pool.Volumes().Select(info => info.Name).Should().Equal("vm1");
        test.Pool.Find(name).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(BadSnapshotNames))]
    public void A_bad_snapshot_name_is_refused_everywhere(string name)
    {
        using TestPool test = TestPool.Create(4);
        test.Pool.CreateVolume("vm1", Chunk);
        test.Pool.CreateSnapshot("vm1", "vm1@good");
        Usage(() => test.Pool.CreateSnapshot("vm1", name));
        Usage(() => test.Pool.Rename("vm1@good", name));
        test.Pool.Volumes().Select(info => info.Name).Should().Equal("vm1", "vm1@good");
    }

    [Fact]
    public void The_longest_names_work_and_survive()
    {
        using TestPool test = TestPool.Create(4);
        string longest = new('a', 128);
        string snapshot = $"{longest}@{new string('b', 128)}";
        test.Pool.CreateVolume(longest, Chunk);
        test.Pool.CreateSnapshot(longest, snapshot);
        test.KillAndReopen();
        test.CloseAndReopen();
        test.Pool.Volumes().Select(info => info.Name).Should().Equal(longest, snapshot);
    }

    [Fact]
    public void Names_that_are_taken_or_missing_are_told_and_change_nothing()
    {
        using TestPool test = TestPool.Create(4);
        test.Pool.CreateVolume("vm1", Chunk);
        test.Pool.CreateVolume("vm2", Chunk);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        Fails(PoolErrorKind.Exists, () => test.Pool.CreateVolume("vm1", Chunk));
        Fails(PoolErrorKind.Exists, () => test.Pool.Clone("vm2", "vm1"));
        Fails(PoolErrorKind.Exists, () => test.Pool.Rename("vm2", "vm1"));
        Fails(PoolErrorKind.Exists, () => test.Pool.CreateSnapshot("vm1", "vm1@s"));
        Fails(PoolErrorKind.Exists, () => test.Pool.CreateSnapshots([("vm2", "vm2@g"), ("vm1", "vm1@s")]));
        Fails(PoolErrorKind.NotFound, () => test.Pool.CreateSnapshots([("vm2", "vm2@g"), ("vm3", "vm3@g")]));
        Usage(() => test.Pool.CreateSnapshots([("vm2", "vm2@g"), ("vm2", "vm2@h")]));
        Usage(() => test.Pool.CreateSnapshots([("vm1", "vm1@g"), ("vm2", "vm1@g")]));
        Fails(PoolErrorKind.NotFound, () => test.Pool.Delete("vm3"));
        Fails(PoolErrorKind.NotFound, () => test.Pool.Rename("vm3", "vm4"));
        Fails(PoolErrorKind.NotFound, () => test.Pool.Clone("vm3", "vm4"));
        Fails(PoolErrorKind.NotFound, () => test.Pool.Resize("vm3", Chunk));
        Fails(PoolErrorKind.NotFound, () => test.Pool.Open(999));
        Usage(() => test.Pool.Rename("vm1@s", "vm9"));
        Usage(() => test.Pool.Rename("vm1", "vm9@s"));
        Usage(() => test.Pool.Resize("vm1@s", Chunk));
        test.Pool.Volumes().Select(info => info.Name).Should().Equal("vm1", "vm1@s", "vm2");
        test.MustBeClean();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-512)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(Geometry.MaxVolumeBytes + 512)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_bad_size_is_refused_and_changes_nothing(long sizeBytes)
    {
        using TestPool test = TestPool.Create(4);
        test.Pool.CreateVolume("vm1", Chunk);
        Usage(() => test.Pool.CreateVolume("vm2", sizeBytes));
        Usage(() => test.Pool.Resize("vm1", sizeBytes));
        test.Pool.Find("vm1")!.SizeBytes.Should().Be(Chunk);
        test.Pool.Find("vm2").Should().BeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2048)]
    [InlineData(4097)]
    [InlineData(96 << 10)]
    [InlineData(32 << 20)]
    [InlineData(int.MinValue)]
    public void A_bad_chunk_size_makes_no_pool(int chunkBytes)
    {
        SimulatedDisk disk = new();
        Usage(() => ThinPool.Create(disk, EngineOptions.Pool(64 << 20, chunkBytes)));
        Fails(PoolErrorKind.NotFound, () => ThinPool.Open(disk, EngineOptions.Quiet).Dispose());
    }

    [Theory]
    [InlineData(4 << 10)]
    [InlineData(8 << 10)]
    [InlineData(1 << 20)]
    [InlineData(16 << 20)]
    public void Every_chunk_size_reads_what_was_written(int chunkBytes)
    {
        using TestPool test = TestPool.Create(3, chunkBytes);
        using VolumeHandle volume = test.Volume("vm1", 3L * chunkBytes);
        byte[] expected = new byte[3 * chunkBytes];
        foreach ((int offset, int length) in (ReadOnlySpan<(int, int)>)[(0, 512), (chunkBytes - 100, 200), ((2 * chunkBytes) + 1, 2000), (chunkBytes, 1)])
        {
            byte[] data = TestPool.Pattern(offset + 1, length);
            volume.Write(offset, data);
            data.CopyTo(expected, offset);
        }

        test.Pool.Status().FreeBytes.Should().Be(0);
        PoolContent.Difference(expected, test.Read("vm1")).Should().BeNull();
        test.KillAndReopen();
        PoolContent.Difference(expected, test.Read("vm1")).Should().BeNull();
        test.MustBeClean();
    }

    [Fact]
    public void The_end_of_the_largest_volume_works_and_behind_it_is_refused()
    {
        const long max = Geometry.MaxVolumeBytes;
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", max);
        byte[] data = TestPool.Pattern(1, 1000);
        volume.Write(max - 1000, data);
        byte[] seen = new byte[2000];
        volume.Read(max - 1000, seen).Should().Be(1000);
        seen[..1000].Should().Equal(data);
        volume.Read(max, seen).Should().Be(0);
        volume.SeekData(0).Should().BeInRange(max - Chunk, max - 1000);
        volume.SeekHole(max - 1000).Should().Be(max);
        Usage(() => volume.Write(max - 999, data));
        Usage(() => volume.Write(max, data));
        Usage(() => volume.Write(long.MaxValue, data));
        Usage(() => volume.Write(-1, data));
        Usage(() => volume.Read(-1, seen));
        Usage(() => volume.Read(long.MaxValue, seen));
        Usage(() => volume.Punch(-1, 1));
        Usage(() => volume.SeekData(-1));
        volume.Punch(0, max);
        volume.Punch(max - 1, long.MaxValue);
        volume.Punch(5, -5);
        volume.SeekData(0).Should().Be(-1);
        volume.Info.AllocatedBytes.Should().Be(0);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        volume.Write(max - 1000, data);
        volume.Resize(0);
        volume.Resize(max);
        volume.SeekData(0).Should().Be(-1);
        test.MustBeClean();
    }

    [Fact]
    public void An_empty_volume_grows_as_it_is_written()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 0);
        volume.Read(0, new byte[10]).Should().Be(0);
        volume.Write(0, []).Should().Be(0);
        volume.SizeBytes.Should().Be(0);
        volume.Write(1000, TestPool.Pattern(1, 10));
        volume.SizeBytes.Should().Be(1024);
        volume.Write(5 * Chunk, TestPool.Pattern(2, 1));
        volume.SizeBytes.Should().Be((5 * Chunk) + 512);
        byte[] expected = new byte[(5 * Chunk) + 512];
        TestPool.Pattern(1, 10).CopyTo(expected, 1000);
        TestPool.Pattern(2, 1).CopyTo(expected, 5 * Chunk);
        test.Read("vm1").Should().Equal(expected);
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(3 * Chunk)]
    public void A_pool_never_shrinks(long totalBytes)
    {
        using TestPool test = TestPool.Create(4);
        Usage(() => test.Pool.Grow(totalBytes));
        test.Pool.Status().TotalBytes.Should().Be(4 * Chunk);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 62)]
    [InlineData(1L << 50)]
    public void Growing_beyond_all_bounds_is_refused_and_changes_nothing(long totalBytes)
    {
        using TestPool test = TestPool.Create(4);
        test.Disk.CapacityBytes = 1L << 30;
        Action grow = () => test.Pool.Grow(totalBytes);
        grow.Should().Throw<PoolException>().Which.Kind.Should().BeOneOf(PoolErrorKind.Usage, PoolErrorKind.NoSpace);
        test.Pool.Status().TotalBytes.Should().Be(4 * Chunk);
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        test.KillAndReopen();
        test.MustBeClean();
    }

    [Fact]
    public void Ten_thousand_snapshots_are_made_listed_and_survive()
    {
        const int count = 10_000;
        using MemoryOverlayStorage storage = new(new SimulatedDisk(), SimulatedDisk.PoolDirectory);
        ThinPool.Create(storage, EngineOptions.Pool(64 << 20, Block));
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"vm1@s{i:d5}")];
        using (ThinPool pool = ThinPool.Open(storage, EngineOptions.Quiet))
        {
            pool.CreateVolume("vm1", 1 << 20);
            using VolumeHandle volume = pool.Open(pool.Find("vm1")!.Id);
            for (int i = 0; i < count; i++)
            {
                if (i % 100 == 0)
                {
                    volume.Write(i / 100 * Block, BitConverter.GetBytes(i));
                }

                pool.CreateSnapshot("vm1", names[i]);
            }
        }

        using ThinPool again = ThinPool.Open(storage, EngineOptions.Quiet);
        again.Volumes(withExclusive: false).Select(info => info.Name).Should().Equal(["vm1", .. names]);
        again.Status().SnapshotCount.Should().Be(count);
        for (int i = 0; i < count; i += 777)
        {
            byte[] content = PoolContent.Read(again, names[i]);
            BitConverter.ToInt32(content, i / 100 * Block).Should().Be(i / 100 * 100);
            content.AsSpan(((i / 100) + 1) * Block).ContainsAnyExcept((byte)0).Should().BeFalse();
        }

        again.Check().Problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_chain_of_three_hundred_snapshots_is_deleted_in_any_order_and_the_rest_stays(int seed)
    {
        const int length = 300;
        const int volumeBytes = 8 * Chunk;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using MemoryOverlayStorage storage = new(new SimulatedDisk(), SimulatedDisk.PoolDirectory);
        ThinPool.Create(storage, EngineOptions.Pool(256 << 20, Chunk));
        using ThinPool pool = ThinPool.Open(storage, EngineOptions.Quiet);
        pool.CreateVolume("vm1", volumeBytes);
        ModelPool model = new();
        model.Files["vm1"] = new byte[volumeBytes];
        using (VolumeHandle volume = pool.Open(pool.Find("vm1")!.Id))
        {
            for (int i = 0; i < length; i++)
            {
                int offset = random.Next(volumeBytes - 20_000);
                byte[] data = TestPool.Pattern(random.Next(), random.Next(1, 20_000));
                volume.Write(offset, data);
                model.Write("vm1", offset, data);
                if (i % 7 == 0)
                {
                    int from = random.Next(volumeBytes);
                    int punched = random.Next(50_000);
                    volume.Punch(from, punched);
                    model.Punch("vm1", from, punched);
                }

                pool.CreateSnapshot("vm1", $"vm1@{i:d3}");
                model.Files[$"vm1@{i:d3}"] = model["vm1"];
            }
        }

        string[] order = [.. model.Files.Keys.Where(name => name != "vm1")];
        random.Shuffle(order);
        for (int i = 0; i < length; i++)
        {
            pool.Delete(order[i]);
            model.Files.Remove(order[i]);
            if (i % 3 == 0)
            {
                pool.ReclaimNow();
            }

            if (i % 50 == 0)
            {
                PoolContent.MustMatch(pool, model.Files, $"seed {seed}, {i} deleted");
                pool.Check().Problems.Should().BeEmpty();
            }
        }

        pool.ReclaimNow();
        PoolContent.MustMatch(pool, model.Files, "all deleted");
        CheckReport report = pool.Check();
        report.Problems.Should().BeEmpty();
        report.Layers.Should().Be(1, "what nobody names merges into what is left");
        report.OwnedExtents.Should().BeLessThanOrEqualTo(8);
        pool.Status().AllocatedBytes.Should().Be(report.OwnedExtents * Chunk);
        pool.Status().ReclaimingBytes.Should().Be(0);
    }

    [Fact]
    public void A_clone_of_a_clone_of_a_snapshot_is_a_volume_like_any_other()
    {
        using TestPool test = TestPool.Create(64);
        ModelPool model = new();
        model.Files["vm1"] = new byte[4 * Chunk];
        test.Pool.CreateVolume("vm1", 4 * Chunk);
        Write("vm1", 0, 1, 2 * Chunk);
        Derive("vm1", "vm1@s", snapshot: true);
        Write("vm1", 100, 2, Chunk);
        Derive("vm1@s", "a", snapshot: false);
        Write("a", 5000, 3, Chunk);
        Derive("a", "b", snapshot: false);
        Write("a", 0, 4, 100);
        Write("b", Chunk, 5, Block);
        Derive("b", "b@t", snapshot: true);
        Derive("b@t", "c", snapshot: false);
        Write("c", 3 * Chunk, 6, 2 * Chunk);
        Derive("vm1@s", "vm1@again", snapshot: true);
        test.Pool.Find("c")!.Origin.Should().Be("b@t");
        PoolContent.MustMatch(test.Pool, model.Files, "at first");
        foreach (string name in (string[])["vm1@s", "a", "vm1", "b@t", "b", "vm1@again"])
        {
            test.Pool.Delete(name);
            model.Files.Remove(name);
            test.Pool.ReclaimNow();
            PoolContent.MustMatch(test.Pool, model.Files, $"without {name}");
            test.MustBeClean();
        }

        test.CloseAndReopen();
        PoolContent.MustMatch(test.Pool, model.Files, "reopened");
        test.Pool.Check().Layers.Should().Be(1);

        void Write(string name, int offset, int seed, int length)
        {
            using VolumeHandle handle = test.Handle(name);
            handle.Write(offset, TestPool.Pattern(seed, length));
            model.Write(name, offset, TestPool.Pattern(seed, length));
        }

        void Derive(string source, string target, bool snapshot)
        {
            _ = snapshot ? test.Pool.CreateSnapshot(source, target) : test.Pool.Clone(source, target);
            model.Files[target] = model[source];
        }
    }

    private static void Usage(Action action) => Fails(PoolErrorKind.Usage, action);

    private static void Fails(PoolErrorKind kind, Action action)
    {
        PoolException refusal = action.Should().Throw<PoolException>().Which;
        refusal.Kind.Should().Be(kind);
        refusal.Message.Should().NotBeNullOrWhiteSpace();
    }
}
