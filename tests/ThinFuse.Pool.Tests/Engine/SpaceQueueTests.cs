using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Writes that wait for space instead of being refused.</summary>
public sealed class SpaceQueueTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;
    private const int Extents = 4;

    private readonly TestPool _test = TestPool.Create(Extents);
    private readonly VolumeHandle _full;
    private readonly VolumeHandle _volume;
    private readonly List<SpaceWaiter> _writes = [];

    public SpaceQueueTests()
    {
        _test.Pool.Configure(_ => new PoolSettings { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 0 });
        _full = _test.Volume("full", Extents * Chunk);
        _full.Write(0, TestPool.Pattern(1, Extents * Chunk));
        _volume = _test.Volume("vm1", 64 * Chunk);
    }

    public void Dispose()
    {
        _writes.ForEach(write => write.Dispose());
        _volume.Dispose();
        _full.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void A_write_without_space_waits_and_goes_on_when_space_comes()
    {
        SpaceWaiter write = Write(0);
        write.Map().Should().Be(MapOutcome.Parked);
        write.IsResumed.Should().BeFalse();
        _test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);

        FreeOne(0);

        write.MapWhenResumed().Should().Be(MapOutcome.Ready);
        write.Finish();
        _test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        _test.MustBeClean();
        _test.Read("vm1")[..Block].Should().Equal(TestPool.Pattern(100, Block));
    }

    [Fact]
    public void Who_waits_longest_is_served_first_and_nobody_overtakes()
    {
        SpaceWaiter first = Write(0), second = Write(1), third = Write(2);
        first.Map().Should().Be(MapOutcome.Parked);
        second.Map().Should().Be(MapOutcome.Parked);

        FreeOne(0);

        third.Map().Should().Be(MapOutcome.Parked, "others were there before");
        first.IsResumed.Should().BeTrue();
        second.IsResumed.Should().BeFalse();
        first.MapWhenResumed().Should().Be(MapOutcome.Ready);
        second.IsResumed.Should().BeFalse("the one extent is taken");
        first.Finish();
        FreeOne(1);
        second.MapWhenResumed().Should().Be(MapOutcome.Ready);
        third.IsResumed.Should().BeFalse();
        second.Finish();
        FreeOne(2);
        third.MapWhenResumed().Should().Be(MapOutcome.Ready);
    }

    [Fact]
    public void Who_needs_much_is_not_starved_by_those_who_need_little()
    {
        SpaceWaiter large = Write(0, Chunk + Block), small = Write(4);
        large.Map().Should().Be(MapOutcome.Parked);
        small.Map().Should().Be(MapOutcome.Parked);

        FreeOne(0);
        large.MapWhenResumed().Should().Be(MapOutcome.Parked, "it needs two extents");
        small.IsResumed.Should().BeFalse();
        FreeOne(1);
        large.MapWhenResumed().Should().Be(MapOutcome.Ready);
        large.Finish();
        FreeOne(2);
        small.MapWhenResumed().Should().Be(MapOutcome.Ready);
    }

    [Fact]
    public void Who_gives_up_makes_way()
    {
        SpaceWaiter sleeping = Write(0), awake = Write(1), last = Write(2);
        sleeping.Map().Should().Be(MapOutcome.Parked);
        awake.Map().Should().Be(MapOutcome.Parked);
        last.Map().Should().Be(MapOutcome.Parked);

        sleeping.Cancel();
        sleeping.IsResumed.Should().BeTrue("the engine lets go of every waiter by resuming it");
        FreeOne(0);
        awake.IsResumed.Should().BeTrue();
        last.IsResumed.Should().BeFalse();
        awake.Cancel();
        last.MapWhenResumed().Should().Be(MapOutcome.Ready);
    }

    [Fact]
    public void An_aborted_write_gives_its_extent_to_who_waits()
    {
        FreeOne(0);
        SpaceWaiter holder = Write(0), waiting = Write(1);
        holder.Map().Should().Be(MapOutcome.Ready);
        waiting.Map().Should().Be(MapOutcome.Parked);

        holder.Cancel();

        waiting.MapWhenResumed().Should().Be(MapOutcome.Ready);
    }

    [Fact]
    public void Growth_serves_who_waits()
    {
        SpaceWaiter write = Write(0);
        write.Map().Should().Be(MapOutcome.Parked);

        _test.Pool.Grow((Extents + 1) * Chunk);

        write.MapWhenResumed().Should().Be(MapOutcome.Ready);
    }

    [Fact]
    public void When_its_time_is_up_it_is_refused()
    {
        _test.Pool.Configure(_ => new PoolSettings { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 1 });
        SpaceWaiter write = Write(0), next = Write(1);
        write.Map().Should().Be(MapOutcome.Parked);
        write.MapWhenResumed().Should().Be(MapOutcome.NoSpace);
        next.Map().Should().Be(MapOutcome.Parked, "it has its own time");
        next.MapWhenResumed().Should().Be(MapOutcome.NoSpace);

        FreeOne(0);
        write.Map().Should().Be(MapOutcome.Ready, "nobody waits any more");
    }

    [Fact]
    public void Waiting_writes_hold_up_nobody()
    {
        SpaceWaiter write = Write(0, Chunk);
        write.Map().Should().Be(MapOutcome.Parked);

        _full.Write(Block, TestPool.Pattern(7, Block));
        _volume.Read(0, new byte[Chunk]).Should().Be(Chunk);
        _volume.Flush();
        _test.Pool.CreateSnapshot("vm1", "vm1@s");
        _test.Pool.Rename("vm1", "vm2");
        Action other = () => _volume.Write(8 * Chunk, new byte[Block]);
        other.Should().Throw<PoolException>("who cannot be parked is told at once").Which.Kind.Should().Be(PoolErrorKind.NoSpace);
        write.IsResumed.Should().BeFalse();
    }

    [Fact]
    public void When_the_pool_is_about_to_close_all_are_refused()
    {
        SpaceWaiter first = Write(0), second = Write(1), third = Write(2);
        first.Map().Should().Be(MapOutcome.Parked);
        second.Map().Should().Be(MapOutcome.Parked);

        _test.Pool.StopWaitingForSpace();

        first.MapWhenResumed().Should().Be(MapOutcome.NoSpace);
        second.MapWhenResumed().Should().Be(MapOutcome.NoSpace);
        third.Map().Should().Be(MapOutcome.NoSpace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Settings_live_on(bool killed)
    {
        PoolSettings settings = new()
        {
            NoSpace = NoSpacePolicy.Queue,
            NoSpaceTimeoutMs = 1234,
            LowWater = SpaceAmount.OfPercent(7),
            AutoExtend = SpaceAmount.OfBytes(1 << 20),
            MaxSizeBytes = 1L << 40,
            Discard = DiscardPolicy.Passdown,
            IsStrict = true,
        };
        using TestPool test = TestPool.Create(4);
        test.Pool.Settings.Should().Be(new PoolSettings());
        test.Pool.Configure(_ => settings);

        if (killed)
        {
            test.KillAndReopen();
        }
        else
        {
            test.CloseAndReopen();
        }

        test.Pool.Settings.Should().Be(settings);
        test.CloseAndReopen();
        test.Pool.Settings.Should().Be(settings, "the image says so too");
    }

    private SpaceWaiter Write(int chunk, int lengthBytes = Block)
    {
        SpaceWaiter write = new(_volume, chunk * (long)Chunk, TestPool.Pattern(100 + chunk, lengthBytes));
        _writes.Add(write);
        return write;
    }

    private void FreeOne(int chunk)
    {
        _full.Punch(chunk * (long)Chunk, Chunk);
        _test.Pool.Commit();
    }
}
