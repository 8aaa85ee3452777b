using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Origins;
using ThinFuse.Pool.Tests.Transfer;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A pool that promises no more than it has.</summary>
public sealed class StrictTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Extents = 32;

    private readonly TestPool _test = TestPool.Create(Extents);

    public StrictTests() => Set(true);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Volumes_and_sizes_are_refused_when_they_do_not_fit()
    {
        _test.Pool.CreateVolume("vm1", 20 * Chunk);
        Refused(() => _test.Pool.CreateVolume("vm2", (12 * Chunk) + 512));
        _test.Pool.CreateVolume("vm2", 12 * Chunk);
        Refused(() => _test.Pool.Resize("vm1", (20 * Chunk) + 512));
        using (VolumeHandle volume = _test.Handle("vm1"))
        {
            Refused(() => volume.Write(20 * Chunk, new byte[512]));
            volume.SizeBytes.Should().Be(20 * Chunk);
            volume.Write(0, TestPool.Pattern(1, 20 * Chunk));
        }

        _test.Pool.Resize("vm2", 4 * Chunk);
        _test.Pool.Resize("vm1", 28 * Chunk);
        _test.Pool.Find("vm2")!.SizeBytes.Should().Be(4 * Chunk);
        _test.MustBeClean();
    }

    [Fact]
    public void Snapshots_and_clones_are_refused_when_what_they_freeze_does_not_fit()
    {
        using VolumeHandle volume = _test.Volume("vm1", 20 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 10 * Chunk));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        volume.Write(0, TestPool.Pattern(2, 3 * Chunk));
        Refused(() => _test.Pool.CreateSnapshot("vm1", "vm1@b"));
        Refused(() => _test.Pool.Clone("vm1@a", "vm2"));
        _test.Pool.Volumes().Select(info => info.Name).Should().Equal("vm1", "vm1@a");

        _test.Pool.Grow((Extents + 1) * Chunk);
        _test.Pool.CreateSnapshot("vm1", "vm1@b");
        _test.Pool.Delete("vm1@a");
        _test.Pool.Delete("vm1@b");
        _test.Pool.ReclaimNow();
        Refused(() => _test.Pool.Clone("vm1", "vm2"));
        _test.MustBeClean();
    }

    [Fact]
    public void Emergency_amounts_count_as_promised()
    {
        _test.Pool.CreateVolume("vm1", 20 * Chunk, new ReservePolicy(ReserveMode.Emergency, 8 * Chunk, WhenOpen: true));
        Refused(() => _test.Pool.CreateVolume("vm2", 5 * Chunk));
        _test.Pool.CreateVolume("vm2", 4 * Chunk);
        using VolumeHandle volume = _test.Handle("vm2");
        Refused(() => volume.SetReserve(new ReservePolicy(ReserveMode.Emergency, Chunk, WhenOpen: false)));
        _test.MustBeClean();
    }

    /// <summary>Guards: whatever is refused, no write inside a size ever is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_write_inside_a_size_is_ever_refused(int seed)
    {
        Random random = new(seed);
        int refused = 0;
        for (int step = 0; step < 300; step++)
        {
            string[] names = [.. _test.Pool.Volumes(false).Select(info => info.Name)];
            string any = names.Length == 0 ? "none" : names[random.Next(names.Length)];
            string? volume = names.Where(name => !name.Contains('@', StringComparison.Ordinal)).MinBy(_ => random.Next());
            try
            {
                switch (random.Next(8))
                {
                    case 0:
                        _test.Pool.CreateVolume($"vm{step}", random.Next(1, 10) * Chunk);
                        break;
                    case 1 when volume is not null:
                        _test.Pool.CreateSnapshot(volume, $"{volume}@s{step}");
                        break;
                    case 2 when names.Length != 0:
                        _test.Pool.Clone(any, $"vm{step}");
                        break;
                    case 3 when volume is not null:
                        _test.Pool.Resize(volume, random.Next(1, 12) * Chunk);
                        break;
                    case 4 when names.Length != 0:
                        _test.Pool.Delete(any);
                        break;
                    case 5:
                        _test.Pool.ReclaimNow();
                        break;
                }
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                refused++;
            }

            if (volume is not null && _test.Pool.Find(volume) is { } info)
            {
                using VolumeHandle handle = _test.Handle(volume);
                handle.Write(0, TestPool.Pattern(step, (int)Math.Min(info.SizeBytes, random.Next(1, 8) * Chunk)));
            }
        }

        // At last everybody writes everything.
        foreach (VolumeInfo info in _test.Pool.Volumes(false).Where(info => !info.IsReadOnly))
        {
            using VolumeHandle handle = _test.Handle(info.Name);
            handle.Write(0, TestPool.Pattern(7, (int)info.SizeBytes));
        }

        refused.Should().BePositive($"seed {seed}");
        _test.Events.Should().NotContain("out_of_space");
        _test.MustBeClean();
    }

    [Fact]
    public void It_is_turned_on_only_where_it_is_true()
    {
        Set(false);
        _test.Pool.CreateVolume("vm1", (Extents + 1) * Chunk);
        Refused(() => Set(true));
        _test.Pool.Settings.IsStrict.Should().BeFalse();
        _test.Pool.Grow((Extents + 1) * Chunk);
        Set(true);
        _test.CloseAndReopen();
        Refused(() => _test.Pool.CreateVolume("vm2", 512));
    }

    [Fact]
    public void A_deleted_volume_counts_while_it_is_open()
    {
        VolumeHandle open = _test.Volume("vm1", 20 * Chunk);
        _test.Pool.Delete("vm1");
        Refused(() => _test.Pool.CreateVolume("vm2", 20 * Chunk));
        open.Write(0, TestPool.Pattern(1, 20 * Chunk));
        open.Dispose();
        _test.Pool.ReclaimNow();
        _test.Pool.CreateVolume("vm2", 20 * Chunk);
    }

    [Fact]
    public void A_refused_write_past_the_end_changes_nothing_before_it()
    {
        byte[] content = TestPool.Pattern(1, Extents * Chunk);
        using VolumeHandle volume = _test.Volume("vm1", Extents * Chunk);
        volume.Write(0, content);

        Refused(() => volume.Write((Extents - 1) * Chunk, TestPool.Pattern(2, Chunk + 512)));

        _test.Read("vm1").Should().Equal(content);
        _test.MustBeClean();
    }

    [Fact]
    public void The_copying_of_an_origin_below_a_snapshot_is_refused_when_it_does_not_fit()
    {
        byte[] content = OriginFiles.Make(_test.Disk, "base", 1, 10 * Chunk);
        _test.Pool.CreateVolumeOn("vm1", OriginFiles.PathOf("base"));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        using VolumeHandle vm2 = _test.Volume("vm2", 16 * Chunk);

        JobInfo job = _test.Pool.Jobs.WaitForEnd(_test.Pool.Hydrate("vm1", settings => settings).Id);

        job.State.Should().Be(JobState.Failed);
        job.Error.Should().StartWith("a strict pool").And.Contain($"{Chunk} bytes are missing").And.EndWith("hydrate again");
        vm2.Write(0, TestPool.Pattern(2, 16 * Chunk));
        using (VolumeHandle vm1 = _test.Handle("vm1"))
        {
            vm1.Write(0, TestPool.Pattern(3, 10 * Chunk));
        }

        _test.Pool.Grow((Extents + 4) * Chunk);
        _test.Pool.Jobs.WaitForEnd(_test.Pool.Hydrate("vm1", settings => settings).Id).State.Should().Be(JobState.Completed);
        _test.Read("vm1@a").Should().Equal(content);
        Refused(() => _test.Pool.CreateVolume("vm3", 512));
        _test.MustBeClean();
    }

    [Fact]
    public void What_is_received_is_refused_when_it_does_not_fit()
    {
        using TestPool source = TestPool.Create(16);
        using VolumeHandle sent = source.Volume("vm1", 12 * Chunk);
        sent.Write(0, TestPool.Pattern(1, 12 * Chunk));
        source.Pool.CreateSnapshot("vm1", "vm1@a");
        byte[] stream = Wire.Send(source, "vm1@a");
        using VolumeHandle vm2 = _test.Volume("vm2", 21 * Chunk);
        Refused(() => Wire.Take(_test, stream, "vm1"));
        _test.Pool.FindReceive("vm1").Should().BeNull();

        _test.Pool.Resize("vm2", 9 * Chunk);
        ReceiveRequest taken = Wire.Take(_test, stream, "vm1");
        Refused(() => _test.Pool.FinishReceive("vm1", taken.ContentId));

        _test.Pool.Resize("vm2", 8 * Chunk);
        _test.Pool.FinishReceive("vm1", taken.ContentId);
        vm2.Write(0, TestPool.Pattern(2, 8 * Chunk));
        using VolumeHandle received = _test.Handle("vm1");
        received.Write(0, TestPool.Pattern(3, 12 * Chunk));
        _test.Read("vm1@a").Should().Equal(source.Read("vm1@a"));
        _test.MustBeClean();
    }

    private void Set(bool isStrict) => _test.Pool.Configure(settings => settings with { IsStrict = isStrict });

    private static void Refused(Action action) =>
        action.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
}
