using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>What is promised to a volume is there when it is written, and what cannot be promised is refused before anything changes.</summary>
public sealed class ReservationTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;
    private const int Extents = 16;

    private readonly TestPool _test = TestPool.Create(Extents);
    private readonly List<PoolEvent> _events = [];
    private readonly List<VolumeHandle> _handles = [];

    public ReservationTests() => _test.Pool.Happened += _events.Add;

    private static byte[] Data { get; } = TestPool.Pattern(1, Block);

    private long Free => _test.Pool.Status().FreeBytes / Chunk;

    private long Reserved => _test.Pool.Status().ReservedBytes / Chunk;

    public void Dispose()
    {
        _handles.ForEach(handle => handle.Dispose());
        _test.Dispose();
    }

    [Fact]
    public void A_fully_reserved_volume_is_written_whole_when_the_pool_has_nothing_left()
    {
        VolumeHandle volume = Open("vm1", 6 * Chunk, ReservePolicy.Full);
        Reserved.Should().Be(6);
        _test.Pool.Find("vm1")!.ReservedBytes.Should().Be(6 * Chunk);
        Fill();
        Reserved.Should().Be(6);
        for (int chunk = 0; chunk < 6; chunk++)
        {
            volume.Write(chunk * Chunk, Data);
            Reserved.Should().Be(5 - chunk);
        }

        volume.Write(Chunk + Block, Data);
        _test.MustBeClean();
    }

    [Fact]
    public void Provisioned_chunks_are_written_when_the_pool_has_nothing_left_and_others_are_not()
    {
        VolumeHandle volume = Open("vm1", 100 * Chunk);
        volume.Provision((2 * Chunk) + 100, Chunk);
        Reserved.Should().Be(2);
        Fill();
        volume.Write(2 * Chunk, Data);
        volume.Write((3 * Chunk) + Block, Data);
        MustFind(PoolErrorKind.NoSpace, () => volume.Write(4 * Chunk, Data));
        Reserved.Should().Be(0);
        _test.MustBeClean();
    }

    [Fact]
    public void A_promise_that_cannot_be_kept_is_refused_and_changes_nothing()
    {
        VolumeHandle volume = Open("vm1", 100 * Chunk);
        volume.Write(3 * Chunk, Data);
        MustFind(PoolErrorKind.NoSpace, () => volume.Provision(0, 20 * Chunk)).Message.Should().Contain($"{4 * Chunk} are missing");
        MustFind(PoolErrorKind.NoSpace, () => volume.SetReserve(ReservePolicy.Full));
        MustFind(PoolErrorKind.NoSpace, () => volume.SetReserve(ReservePolicy.Emergency(16 * Chunk)));
        MustFind(PoolErrorKind.NoSpace, () => _test.Pool.CreateVolume("vm2", 16 * Chunk, ReservePolicy.Full));
        _test.Pool.Find("vm2").Should().BeNull();
        (Reserved, Free).Should().Be((0, 15));
        _events.Count(happened => happened.Kind == PoolEventKinds.ReservationRefused).Should().Be(4);
        _events.Last().Should().Match<PoolEvent>(happened => happened.Volume == "vm2" && happened.WantedBytes == 16 * Chunk && happened.FreeBytes == 15 * Chunk);
        _test.MustBeClean();
    }

    [Fact]
    public void A_snapshot_reserves_what_it_makes_shared_or_is_refused_before_anything_changes()
    {
        VolumeHandle volume = Open("vm1", 5 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(3, 4 * Chunk));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        (Reserved, Free).Should().Be((5, 7));
        volume.Write(0, TestPool.Pattern(4, 5 * Chunk));
        VolumeHandle other = Open("other", 100 * Chunk);
        other.Write(0, TestPool.Pattern(5, 3 * Chunk));
        PoolException refusal = MustFind(PoolErrorKind.NoSpace, () => _test.Pool.CreateSnapshots([("other", "other@b"), ("vm1", "vm1@b")]));
        refusal.Message.Should().Contain($"{Chunk} are missing").And.Contain("vm1");
        _test.Pool.Volumes().Select(info => info.Name).Should().Equal("other", "vm1", "vm1@a");
        (Reserved, Free).Should().Be((0, 4));
        MustFind(PoolErrorKind.NoSpace, () => _test.Pool.Clone("vm1", "clone"));
        _test.Pool.Clone("vm1@a", "fromSnapshot");
        _test.MustBeClean();
        volume.Write(0, TestPool.Pattern(6, 5 * Chunk));
        _test.Read("vm1").Should().Equal(TestPool.Pattern(6, 5 * Chunk));
    }

    [Fact]
    public void Provisioned_is_sticky_across_snapshots_and_reopening()
    {
        VolumeHandle volume = Open("vm1", 100 * Chunk);
        volume.Provision(0, 4 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 2 * Chunk));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        Reserved.Should().Be(4);
        CloseAll();
        _test.KillAndReopen();
        (Reserved, Free).Should().Be((4, 10));
        _test.MustBeClean();
        _test.CloseAndReopen();
        (Reserved, Free).Should().Be((4, 10));
        volume = Open("vm1");
        Fill();
        volume.Write(0, TestPool.Pattern(2, 4 * Chunk));
        _test.Read("vm1@a")[..(2 * Chunk)].Should().Equal(TestPool.Pattern(1, 2 * Chunk));
        _test.MustBeClean();
    }

    [Fact]
    public void A_discard_of_whole_chunks_releases_what_is_provisioned_and_a_smaller_one_keeps_it()
    {
        VolumeHandle volume = Open("vm1", 100 * Chunk);
        volume.Provision(0, 4 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        volume.Punch(Block, (2 * Chunk) - Block);
        _test.Pool.Find("vm1")!.ProvisionedBytes.Should().Be(3 * Chunk);
        (Reserved, Free).Should().Be((0, 13));
        volume.Punch(2 * Chunk, Chunk - Block);
        volume.Punch((3 * Chunk) - Block, Block);
        _test.Pool.Find("vm1")!.ProvisionedBytes.Should().Be(3 * Chunk);
        (Reserved, Free).Should().Be((1, 13));
        _test.MustBeClean();
    }

    [Fact]
    public void A_discard_of_a_fully_reserved_volume_frees_nothing_and_the_chunk_is_written_again()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        Fill();
        for (int round = 0; round < 3; round++)
        {
            // Nothing is unallocated but what waits for a commit: the write has it committed.
            volume.Punch(0, 4 * Chunk);
            volume.Write(0, TestPool.Pattern(round, 4 * Chunk));
            _test.MustBeClean();
        }

        volume.Punch(0, 4 * Chunk);
        (Reserved, Free).Should().Be((4, 0));
        volume.Write(0, TestPool.Pattern(9, 4 * Chunk));
        _test.Read("vm1").Should().Equal(TestPool.Pattern(9, 4 * Chunk));
    }

    [Fact]
    public void A_write_that_must_not_block_says_so_when_its_extent_is_in_transit()
    {
        VolumeHandle volume = Open("vm1", Chunk, ReservePolicy.Full);
        volume.Write(0, Data);
        Fill();
        volume.Punch(0, Chunk);
        WriteOperation write = volume.RentWrite();
        BlockingWaiter waiter = new();
        volume.MapWrite(write, 0, Data, waiter, mayBlock: false).Should().Be(MapOutcome.MustBlock);
        volume.MapWrite(write, 0, Data, waiter).Should().Be(MapOutcome.Ready);
        write.Move(Data);
        write.Publish();
        volume.Return(write);
        _test.MustBeClean();
    }

    [Fact]
    public void A_write_that_fails_gives_back_what_it_drew()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        Fill();
        _test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { IsSticky = true });
        Action write = () => volume.Write(0, TestPool.Pattern(1, 2 * Chunk));
        write.Should().Throw<StorageException>();
        _test.Disk.ClearFaults();
        Reserved.Should().Be(4);
        _test.MustBeClean();
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        Reserved.Should().Be(0);
    }

    [Fact]
    public void An_emergency_amount_is_drawn_when_nothing_else_is_left_told_once_and_filled_first()
    {
        VolumeHandle volume = Open("vm1", 100 * Chunk, ReservePolicy.Emergency(2 * Chunk));
        VolumeHandle filler = Fill();
        (Reserved, Free).Should().Be((2, 0));
        volume.Write(0, Data);
        volume.Write(Chunk, Data);
        MustFind(PoolErrorKind.NoSpace, () => volume.Write(2 * Chunk, Data));
        _events.Where(happened => happened.Kind == PoolEventKinds.EmergencyDrawn).Should().ContainSingle()
            .Which.Should().Match<PoolEvent>(happened => happened.Volume == "vm1" && happened.FreeBytes == Chunk);
        _test.MustBeClean();
        filler.Punch(0, Chunk);
        (Reserved, Free).Should().Be((1, 0));
        filler.Punch(Chunk, 2 * Chunk);
        (Reserved, Free).Should().Be((2, 1));
        volume.Write(2 * Chunk, Data);
        (Reserved, Free).Should().Be((2, 0));
        volume.Write(3 * Chunk, Data);
        _events.Count(happened => happened.Kind == PoolEventKinds.EmergencyDrawn).Should().Be(2);
        _test.MustBeClean();
    }

    [Fact]
    public void Deleting_gives_a_reservation_back_when_the_last_handle_is_closed()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, Data);
        _test.Pool.Delete("vm1");
        Reserved.Should().Be(3);
        Fill();
        volume.Write(Chunk, Data);
        volume.Provision(0, Chunk);
        _test.MustBeClean();
        CloseAll();
        (Reserved, Free).Should().Be((0, 2));
        _test.Pool.ReclaimNow();
        (Reserved, Free).Should().Be((0, 4));
        _test.MustBeClean();
    }

    [Fact]
    public void A_reserve_of_none_gives_everything_back_but_what_is_provisioned()
    {
        VolumeHandle volume = Open("vm1", 8 * Chunk, ReservePolicy.Full);
        volume.Provision(0, 3 * Chunk);
        Reserved.Should().Be(8);
        volume.SetReserve(ReservePolicy.None);
        Reserved.Should().Be(3);
        CloseAll();
        _test.KillAndReopen();
        Reserved.Should().Be(3);
        _test.Pool.Find("vm1")!.Reserve.Should().Be(ReservePolicy.None);
    }

    [Fact]
    public void Growing_a_fully_reserved_volume_reserves_the_difference_and_shrinking_gives_it_back()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(3 * Chunk, Data);
        volume.Resize(10 * Chunk);
        Reserved.Should().Be(9);
        MustFind(PoolErrorKind.NoSpace, () => volume.Resize(17 * Chunk));
        MustFind(PoolErrorKind.NoSpace, () => volume.Write(30 * Chunk, Data));
        volume.SizeBytes.Should().Be(10 * Chunk);
        volume.Resize(2 * Chunk);
        (Reserved, Free).Should().Be((2, 14));
        volume.Write(5 * Chunk, Data);
        (Reserved, Free).Should().Be((5, 10));
        _test.MustBeClean();
    }

    [Fact]
    public void Writes_past_the_end_of_a_full_pool_are_told_of_once_until_something_fits_again()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        RefuseThrice();
        volume.Resize(2 * Chunk);
        volume.Write(5 * Chunk, Data);
        _events.Count(happened => happened.Kind == PoolEventKinds.SpaceReturned).Should().Be(1);
        RefuseThrice();
        _events.Count(happened => happened.Kind == PoolEventKinds.OutOfSpace).Should().Be(2);
        _events.Should().NotContain(happened => happened.Kind == PoolEventKinds.ReservationRefused);

        void RefuseThrice()
        {
            for (int i = 0; i < 3; i++)
            {
                MustFind(PoolErrorKind.NoSpace, () => volume.Write(30 * Chunk, Data));
            }
        }
    }

    [Fact]
    public void Shrinking_forgets_what_was_provisioned_behind_the_end()
    {
        VolumeHandle volume = Open("vm1", 8 * Chunk);
        volume.Provision(0, 8 * Chunk);
        volume.Write(6 * Chunk, Data);
        volume.Resize(3 * Chunk);
        volume.Resize(8 * Chunk);
        Reserved.Should().Be(3);
        CloseAll();
        _test.KillAndReopen();
        Reserved.Should().Be(3);
        _test.MustBeClean();
    }

    [Fact]
    public void Provisioning_grows_the_volume_when_told_to_and_is_cut_to_its_last_chunk_otherwise()
    {
        VolumeHandle volume = Open("vm1", Chunk + 512);
        volume.Provision(0, 9 * Chunk);
        (Reserved, volume.SizeBytes).Should().Be((2, Chunk + 512));
        volume.Provision(5 * Chunk, Chunk);
        Reserved.Should().Be(2);
        volume.Provision(3 * Chunk, 512, grows: true);
        (Reserved, volume.SizeBytes).Should().Be((3, (3 * Chunk) + 512));
        MustFind(PoolErrorKind.NoSpace, () => volume.Provision(0, 40 * Chunk, grows: true));
        (Reserved, volume.SizeBytes).Should().Be((3, (3 * Chunk) + 512));
        MustFind(PoolErrorKind.Usage, () => volume.Provision(0, (4 * Chunk) + 1, grows: true));
        _test.MustBeClean();
    }

    [Fact]
    public void Merging_a_deleted_snapshot_into_the_head_gives_back_what_the_head_then_owns()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        volume.Write(0, Data);
        (Reserved, Free).Should().Be((3, 8));
        _test.Pool.Delete("vm1@a");
        _test.Pool.ReclaimNow();
        (Reserved, Free).Should().Be((0, 12));
        _test.MustBeClean();
    }

    [Fact]
    public void Zeros_that_are_provisioned_give_back_their_data_and_keep_their_promise()
    {
        VolumeHandle volume = Open("vm1", 8 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 3 * Chunk));
        volume.ProvisionZeros(0, 4 * Chunk);
        (Reserved, Free).Should().Be((4, 12));
        _test.Read("vm1").Should().OnlyContain(b => b == 0);
        volume.Write(4 * Chunk, Data);
        MustFind(PoolErrorKind.NoSpace, () => volume.ProvisionZeros(0, 80 * Chunk, grows: true));
        volume.SizeBytes.Should().Be(8 * Chunk);
        _test.Read("vm1").AsSpan(4 * Chunk, Block).SequenceEqual(Data).Should().BeTrue();
        _test.MustBeClean();
    }

    [Fact]
    public void A_reserve_when_open_is_taken_by_the_first_writer_and_given_back_by_the_last()
    {
        VolumeHandle volume = Open("vm1", 10 * Chunk, new ReservePolicy(ReserveMode.Full, WhenOpen: true));
        Reserved.Should().Be(0);
        volume.BeginWriting();
        volume.BeginWriting();
        Reserved.Should().Be(10);
        volume.EndWriting();
        Reserved.Should().Be(10);
        _test.MustBeClean();
        volume.EndWriting();
        (Reserved, Free).Should().Be((0, 16));
        VolumeHandle other = Open("other", 100 * Chunk);
        other.Write(0, TestPool.Pattern(1, 7 * Chunk));
        MustFind(PoolErrorKind.NoSpace, () => volume.BeginWriting()).Message.Should().Contain($"{Chunk} are missing");
        _events.Should().Contain(happened => happened.Kind == PoolEventKinds.ReservationRefused && happened.Volume == "vm1");
        other.Punch(0, Chunk);
        volume.BeginWriting();
        volume.SetReserve(ReservePolicy.None);
        Reserved.Should().Be(0);
        volume.EndWriting();
        _test.MustBeClean();
    }

    [Fact]
    public void A_discard_that_frees_for_a_promise_wakes_no_queued_writer_and_a_released_promise_does()
    {
        _test.Pool.Configure(settings => settings with { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 0 });
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        VolumeHandle other = Open("other", 100 * Chunk);
        other.Write(0, TestPool.Pattern(2, 12 * Chunk));
        using SpaceWaiter write = new(other, 50 * Chunk, Data);
        write.Map().Should().Be(MapOutcome.Parked);
        volume.Punch(0, 2 * Chunk);
        _test.Pool.Commit();
        write.IsResumed.Should().BeFalse("what came back is promised");
        volume.SetReserve(ReservePolicy.None);
        write.MapWhenResumed().Should().Be(MapOutcome.Ready);
        write.Finish();
        _test.MustBeClean();
    }

    [Fact]
    public void A_promised_write_overtakes_those_that_wait_for_space()
    {
        _test.Pool.Configure(settings => settings with { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 0 });
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        VolumeHandle emergency = Open("vm2", 4 * Chunk, ReservePolicy.Emergency(Chunk));
        VolumeHandle other = Open("other", 100 * Chunk);
        other.Write(0, TestPool.Pattern(2, 11 * Chunk));
        using SpaceWaiter write = new(other, 50 * Chunk, Data);
        write.Map().Should().Be(MapOutcome.Parked);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        emergency.Write(0, Data);
        write.IsResumed.Should().BeFalse();
        (Reserved, Free).Should().Be((0, 0));
        write.Cancel();
    }

    [Fact]
    public void A_rollback_reserves_for_its_fresh_head_or_is_refused_before_anything_changes()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        volume.Write(0, TestPool.Pattern(2, 4 * Chunk));
        _test.Pool.RollBack("vm1@a", new RollbackOptions { Force = true });
        (Reserved, Free).Should().Be((4, 4));
        _test.Read("vm1").Should().Equal(TestPool.Pattern(1, 4 * Chunk));
        volume.Write(0, TestPool.Pattern(3, 4 * Chunk));
        Fill();
        MustFind(PoolErrorKind.NoSpace, () => _test.Pool.RollBack("vm1@a", new RollbackOptions { Force = true }));
        _test.Read("vm1").Should().Equal(TestPool.Pattern(3, 4 * Chunk));
        _test.MustBeClean();
    }

    [Fact]
    public void A_writable_snapshot_has_no_reserve_unless_asked()
    {
        VolumeHandle volume = Open("vm1", 4 * Chunk, ReservePolicy.Full);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        _test.Pool.CreateSnapshots([("vm1", "vm1@w")], writable: true);
        (Reserved, Free).Should().Be((4, 8));
        Open("vm1@w").SetReserve(ReservePolicy.Full);
        (Reserved, Free).Should().Be((8, 4));
        _test.MustBeClean();
    }

    [Fact]
    public void A_volume_cloned_into_keeps_its_own_policy_and_a_clone_has_none()
    {
        VolumeHandle source = Open("source", 3 * Chunk, ReservePolicy.Full);
        source.Write(0, TestPool.Pattern(1, 3 * Chunk));
        VolumeHandle target = Open("target", 0, ReservePolicy.Full);
        _test.Pool.TryCloneInto(source, target).Should().BeTrue();
        Reserved.Should().Be(6);
        _test.Pool.Clone("source", "clone");
        Reserved.Should().Be(6);
        _test.Pool.Find("clone")!.Reserve.Should().Be(ReservePolicy.None);
        _test.MustBeClean();
    }

    private VolumeHandle Open(string name)
    {
        VolumeHandle handle = _test.Handle(name);
        _handles.Add(handle);
        return handle;
    }

    private VolumeHandle Open(string name, long sizeBytes, ReservePolicy? policy = null)
    {
        _test.Pool.CreateVolume(name, sizeBytes, policy ?? ReservePolicy.None);
        return Open(name);
    }

    /// <summary>Takes what is free.</summary>
    private VolumeHandle Fill()
    {
        VolumeHandle filler = Open("filler", 1000 * Chunk);
        for (int chunk = 0; Free != 0; chunk++)
        {
            filler.Write(chunk * Chunk, Data);
        }

        MustFind(PoolErrorKind.NoSpace, () => filler.Write(900 * Chunk, Data));
        return filler;
    }

    private void CloseAll()
    {
        _handles.ForEach(handle => handle.Dispose());
        _handles.Clear();
    }

    private static PoolException MustFind(PoolErrorKind kind, Action action)
    {
        PoolException refusal = action.Should().Throw<PoolException>().Which;
        refusal.Kind.Should().Be(kind);
        return refusal;
    }
}
