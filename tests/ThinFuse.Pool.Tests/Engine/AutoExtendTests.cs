using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A pool that grows by itself.</summary>
public sealed class AutoExtendTests
{
    private const int Block = TestPool.BlockBytes;
    private const int Extents = 100;

    [Fact]
    public void At_the_mark_it_grows_by_its_step()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(20));
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        volume.Write(0, new byte[89 * Block]);
        test.Pool.MaintainNow();
        test.Pool.Status().TotalBytes.Should().Be(Extents * Block);

        volume.Write(89 * Block, new byte[Block]);
        test.Pool.MaintainNow();
        test.Pool.MaintainNow();

        test.Pool.Status().TotalBytes.Should().Be(120 * Block, "a pool that extends itself has a mark of 10% unless it is given one");
        test.Events.Where(kind => kind is "low_water" or "pool_grown").Should().Equal("low_water", "pool_grown");
    }

    [Fact]
    public void It_grows_in_the_background_when_the_mark_is_reached()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(20), options: EngineOptions.Quiet with { CommitIntervalMs = int.MaxValue });
        using ManualResetEventSlim grown = new();
        test.Pool.Happened += happened =>
        {
            if (happened.Kind == PoolEventKinds.PoolGrown)
            {
                grown.Set();
            }
        };
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);

        volume.Write(0, new byte[95 * Block]);

        grown.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue();
    }

    [Fact]
    public void Writes_get_all_space_up_to_the_largest_size_and_then_none()
    {
        const int most = 250;
        using TestPool test = NewPool(SpaceAmount.OfPercent(20), most);
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        for (int i = 0; i < most; i++)
        {
            volume.Write(i * Block, TestPool.Pattern(i, Block));
        }

        Refused(() => volume.Write(most * Block, new byte[Block]));
        test.Pool.Status().TotalBytes.Should().Be(most * Block);
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        test.Events.Should().NotContain(PoolEventKinds.AutoExtendFailed, "it is as large as it may be");
        test.KillAndReopen();
        byte[] content = test.Read("vm1");
        for (int i = 0; i < most; i++)
        {
            content.AsSpan(i * Block, Block).SequenceEqual(TestPool.Pattern(i, Block)).Should().BeTrue();
        }

        test.MustBeClean();
    }

    [Fact]
    public void A_write_larger_than_the_step_grows_as_often_as_it_must()
    {
        using TestPool test = NewPool(SpaceAmount.OfBytes(3 * Block));
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        volume.Write(0, new byte[95 * Block]);

        volume.Write(1000 * Block, new byte[32 * Block]);

        test.Events.Should().NotContain("out_of_space");
        test.MustBeClean();
    }

    [Fact]
    public void A_write_that_must_not_block_is_told_to_come_again_where_it_may()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(20));
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        volume.Write(0, new byte[Extents * Block]);
        byte[] data = TestPool.Pattern(1, Block);
        WriteOperation write = volume.RentWrite();

        volume.MapWrite(write, Extents * Block, data, new BlockingWaiter(), mayBlock: false).Should().Be(MapOutcome.MustBlock);
        test.Pool.Status().TotalBytes.Should().Be(Extents * Block, "growing is I/O");
        volume.MapWrite(write, Extents * Block, data, new BlockingWaiter(), mayBlock: true).Should().Be(MapOutcome.Ready);
        volume.Return(write);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Racing_writers_get_exactly_what_the_pool_may_become(int seed)
    {
        const int writers = 8;
        const int most = 150;
        using TestPool test = NewPool(SpaceAmount.OfBytes(Block), most);
        VolumeHandle[] volumes = [.. Enumerable.Range(0, writers).Select(i => test.Volume($"vm{i}", 1 << 20))];
        int succeeded = 0;
        using Barrier start = new(writers);
        BackgroundCall[] calls = [.. Enumerable.Range(0, writers).Select(i => BackgroundCall.Start($"writer {i}", () =>
        {
            start.SignalAndWait();
            for (int n = 0; n < 25; n++)
            {
                try
                {
                    volumes[i].Write((long)Block * n * 3, TestPool.Pattern((seed * 1000) + (i * 100) + n, Block));
                    Interlocked.Increment(ref succeeded);
                }
                catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
                {
                }
            }
        }))];
        foreach (BackgroundCall call in calls)
        {
            call.Finish();
        }

        succeeded.Should().Be(most);
        test.MustBeClean();
    }

    [Fact]
    public void A_host_without_room_is_told_of_once_and_the_pool_stays_what_it_is()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(20));
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        volume.Write(0, new byte[95 * Block]);
        test.Disk.CapacityBytes = 0;
        test.Pool.MaintainNow();
        test.Pool.MaintainNow();
        volume.Write(95 * Block, new byte[5 * Block]);
        Refused(() => volume.Write(Extents * Block, new byte[Block]));
        test.Events.Count(kind => kind == PoolEventKinds.AutoExtendFailed).Should().Be(1);
        test.Pool.Status().TotalBytes.Should().Be(Extents * Block);

        test.Disk.CapacityBytes = null;
        volume.Write(Extents * Block, new byte[Block]);

        test.Pool.Status().TotalBytes.Should().Be(120 * Block);
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        test.MustBeClean();
    }

    [Fact]
    public void Who_waits_for_space_goes_on_when_the_pool_may_grow_further()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(20), Extents);
        test.Pool.Configure(settings => settings with { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 0 });
        using VolumeHandle volume = test.Volume("vm1", 1 << 30);
        volume.Write(0, new byte[Extents * Block]);
        using SpaceWaiter write = new(volume, Extents * Block, TestPool.Pattern(1, Block));
        write.Map().Should().Be(MapOutcome.Parked);
        test.Pool.MaintainNow();
        write.IsResumed.Should().BeFalse();

        test.Pool.Configure(settings => settings with { MaxSizeBytes = 0 });
        test.Pool.MaintainNow();

        write.MapWhenResumed().Should().Be(MapOutcome.Ready);
        write.Finish();
    }

    private static TestPool NewPool(SpaceAmount step, int most = 0, PoolOpenOptions? options = null)
    {
        TestPool test = TestPool.Create(Extents, chunkBytes: Block, options: options);
        test.Pool.Configure(settings => settings with { AutoExtend = step, MaxSizeBytes = (long)most * Block });
        return test;
    }

    private static void Refused(Action action) =>
        action.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
}
