using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Sparse nodes on a host that fills up: seen early, told to the writer, and nothing is lost.</summary>
public sealed class HostFullTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Extents = 1024;
    private const int Room = 10;

    private readonly TestPool _test = TestPool.Create(Extents, sparseNodes: true);
    private readonly VolumeHandle _volume;

    public HostFullTests()
    {
        _volume = _test.Volume("vm1", Extents * Chunk);
        _test.Pool.Checkpoint();
        _test.Disk.CapacityBytes = _test.Disk.AllocatedBytes + (Room * Chunk);
    }

    public void Dispose()
    {
        _volume.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void What_is_free_is_what_the_host_can_hold()
    {
        MustBeFree(Room);
        Fill(4);
        MustBeFree(Room - 4);
        _test.Disk.CapacityBytes = null;
        MustBeFree(Extents - 4);
    }

    [Theory]
    [InlineData(Errno.ENOSPC)]
    [InlineData(Errno.EDQUOT)]
    public void A_write_that_the_host_has_no_room_for_is_refused_and_the_pool_goes_on(int errno)
    {
        Fill(Room);
        if (errno == Errno.EDQUOT)
        {
            _test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, errno));
        }

        for (int i = 0; i < 3; i++)
        {
            Action write = () => _volume.Write(100 * Chunk, TestPool.Pattern(9, Chunk));
            write.Should().Throw<StorageException>().Which.IsNoSpace.Should().BeTrue();
        }

        _test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        SpaceEvents().Should().Equal("out_of_space");
        _volume.SeekData(50 * Chunk).Should().Be(-1, "nothing of it is visible");
        _volume.Flush();
        _volume.Write(0, TestPool.Pattern(5, Chunk));
        _test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace, "owned blocks need nothing of the host");

        _test.Disk.CapacityBytes = null;
        _volume.Write(100 * Chunk, TestPool.Pattern(9, Chunk));

        _test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        SpaceEvents().Should().Equal("out_of_space", "space_returned");
        _test.Read("vm1")[..Chunk].Should().Equal(TestPool.Pattern(5, Chunk));
        _test.MustBeClean();
    }

    [Fact]
    public void The_mode_ends_without_a_write_when_the_host_is_seen_to_have_room()
    {
        Fill(Room);
        Action write = () => _volume.Write(100 * Chunk, new byte[Chunk]);
        write.Should().Throw<StorageException>();

        _test.Disk.CapacityBytes = null;
        _test.Pool.MaintainNow();

        _test.Pool.Status().Mode.Should().Be(PoolMode.Write);
    }

    [Fact]
    public void Taking_space_by_fallocate_is_refused_as_well()
    {
        Fill(Room);
        Action allocate = () => _volume.Allocate(100 * Chunk, Chunk);
        allocate.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
        _test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        _test.MustBeClean();
    }

    [Fact]
    public void Who_waits_for_space_waits_for_the_host_too_in_order()
    {
        Queue(0);
        Fill(Room);
        using SpaceWaiter first = new(_volume, 100 * Chunk, TestPool.Pattern(1, Chunk));
        using SpaceWaiter second = new(_volume, 200 * Chunk, TestPool.Pattern(2, Chunk));
        first.Map().Should().Be(MapOutcome.Ready);
        first.MoveToFullHost().Should().Be(MapOutcome.Parked);
        second.Map().Should().Be(MapOutcome.Parked, "somebody waits already");

        _test.Pool.MaintainNow();
        first.MapWhenResumed().Should().Be(MapOutcome.Ready, "the host is asked again by trying");
        first.MoveToFullHost().Should().Be(MapOutcome.Parked);
        second.MapWhenResumed().Should().Be(MapOutcome.Parked, "the first came back to its place before it");

        _test.Disk.CapacityBytes = null;
        _test.Pool.MaintainNow();
        first.MapWhenResumed().Should().Be(MapOutcome.Ready);
        first.Finish();
        second.MapWhenResumed().Should().Be(MapOutcome.Ready);
        second.Finish();
        _test.Read("vm1").AsSpan(200 * Chunk, Chunk).SequenceEqual(TestPool.Pattern(2, Chunk)).Should().BeTrue();
        _test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        _test.MustBeClean();
    }

    [Fact]
    public void Its_time_counts_from_the_first_refusal_however_often_it_tries()
    {
        Queue(1);
        Fill(Room);
        using SpaceWaiter write = new(_volume, 100 * Chunk, TestPool.Pattern(1, Chunk));
        write.Map().Should().Be(MapOutcome.Ready);
        write.MoveToFullHost().Should().Be(MapOutcome.Parked);

        write.MapWhenResumed().Should().Be(MapOutcome.Ready);
        write.MoveToFullHost().Should().Be(MapOutcome.NoSpace);

        _volume.SeekData(50 * Chunk).Should().Be(-1);
        _test.MustBeClean();
    }

    [Fact]
    public void Low_water_looks_at_what_the_host_can_hold()
    {
        _test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.OfBytes(5 * Chunk) });
        Fill(4);
        _test.Pool.MaintainNow();
        _test.Events.Should().NotContain("low_water");

        _volume.Write(4 * Chunk, new byte[Chunk]);
        _test.Pool.MaintainNow();

        _test.Events.Should().Contain("low_water");
    }

    private void Fill(int chunks)
    {
        for (int i = 0; i < chunks; i++)
        {
            _volume.Write((long)i * Chunk, TestPool.Pattern(i, Chunk));
        }
    }

    private void Queue(long timeoutMs) =>
        _test.Pool.Configure(settings => settings with { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = timeoutMs });

    private void MustBeFree(int chunks)
    {
        PoolStatus status = _test.Pool.Status();
        status.FreeBytes.Should().Be((long)chunks * Chunk);
        (status.AllocatedBytes + status.FreeBytes + status.HostMissingBytes).Should().Be(status.TotalBytes);
    }

    private string[] SpaceEvents() => [.. _test.Events.Where(kind => kind is "out_of_space" or "space_returned")];
}
