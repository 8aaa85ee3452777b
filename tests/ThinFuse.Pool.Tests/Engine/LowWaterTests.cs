using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Free space falls to the pool's mark, and is told of once.</summary>
public sealed class LowWaterTests
{
    private const int Block = TestPool.BlockBytes;
    private const int Extents = 100;

    [Fact]
    public void It_is_told_once_per_crossing_with_what_is_free()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(10));
        List<PoolEvent> seen = [];
        test.Pool.Happened += seen.Add;
        using VolumeHandle volume = test.Volume("vm1", Extents * Block);
        volume.Write(0, new byte[89 * Block]);
        test.Pool.Commit();
        Told(test).Should().Be(0);

        volume.Write(89 * Block, new byte[Block]);
        test.Pool.Commit();
        volume.Write(90 * Block, new byte[10 * Block]);
        test.Pool.Commit();

        Told(test).Should().Be(1);
        PoolEvent low = seen.Single(happened => happened.Kind == PoolEventKinds.LowWater);
        low.FreeBytes.Should().Be(10 * Block);
        low.TotalBytes.Should().Be(Extents * Block);
    }

    [Fact]
    public void It_is_armed_again_when_clearly_more_is_free_and_not_by_one_extent()
    {
        using TestPool test = NewPool(SpaceAmount.OfBytes(20 * Block));
        using VolumeHandle volume = test.Volume("vm1", Extents * Block);
        volume.Write(0, new byte[80 * Block]);
        for (int i = 0; i < 20; i++)
        {
            volume.Punch(0, Block);
            test.Pool.Commit();
            volume.Write(0, new byte[Block]);
            test.Pool.Commit();
        }

        Told(test).Should().Be(1, "space hovers at the mark");
        volume.Punch(0, 10 * Block);
        test.Pool.Commit();
        volume.Write(0, new byte[10 * Block]);
        test.Pool.Commit();
        Told(test).Should().Be(2);
    }

    [Fact]
    public void A_dip_that_nobody_looked_at_is_told_too()
    {
        using TestPool test = NewPool(SpaceAmount.OfBytes(20 * Block));
        using VolumeHandle volume = test.Volume("vm1", Extents * Block);
        volume.Write(0, new byte[85 * Block]);
        volume.Punch(0, 50 * Block);

        test.Pool.Commit();
        test.Pool.Commit();

        Told(test).Should().Be(1);
    }

    [Fact]
    public void It_is_told_in_the_background_without_waiting_for_the_next_commit()
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(10), EngineOptions.Quiet with { CommitIntervalMs = int.MaxValue });
        using ManualResetEventSlim told = new();
        test.Pool.Happened += happened =>
        {
            if (happened.Kind == PoolEventKinds.LowWater)
            {
                told.Set();
            }
        };
        using VolumeHandle volume = test.Volume("vm1", Extents * Block);

        volume.Write(0, new byte[95 * Block]);

        told.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pool_that_is_opened_below_its_mark_says_so_to_who_listens(bool killed)
    {
        using TestPool test = NewPool(SpaceAmount.OfPercent(10));
        using (VolumeHandle volume = test.Volume("vm1", Extents * Block))
        {
            volume.Write(0, new byte[95 * Block]);
        }

        test.Pool.Commit();
        if (killed)
        {
            test.KillAndReopen();
        }
        else
        {
            test.CloseAndReopen();
        }

        test.Pool.Commit();
        Told(test).Should().Be(2);
    }

    [Fact]
    public void A_mark_that_is_set_or_taken_back_later_counts_from_then_on()
    {
        using TestPool test = NewPool(SpaceAmount.Off);
        using VolumeHandle volume = test.Volume("vm1", Extents * Block);
        volume.Write(0, new byte[95 * Block]);
        test.Pool.Commit();
        Told(test).Should().Be(0);

        test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.OfPercent(5) });
        Told(test).Should().Be(1);

        test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.Off });
        test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.OfPercent(50) });
        Told(test).Should().Be(2);
    }

    [Fact]
    public void A_mark_of_all_the_pool_is_refused()
    {
        using TestPool test = NewPool(SpaceAmount.Off);
        Action set = () => test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.OfPercent(100) });
        set.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Usage);
    }

    private static TestPool NewPool(SpaceAmount mark, PoolOpenOptions? options = null)
    {
        TestPool test = TestPool.Create(Extents, chunkBytes: Block, options: options);
        test.Pool.Configure(settings => settings with { LowWater = mark });
        return test;
    }

    private static int Told(TestPool test) => test.Events.Count(kind => kind == PoolEventKinds.LowWater);
}
