using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Taking the space of a range now: content stays as it is, overwrites need nothing more, and races with everything else.</summary>
public sealed class AllocateTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Theory]
    [InlineData(0, 4 * Chunk)]
    [InlineData(100, 1)]
    [InlineData(Chunk - 1, 2)]
    [InlineData(Block, 3 * Chunk)]
    public void An_allocated_range_reads_as_before_and_can_be_overwritten_in_a_full_pool(int offset, int length)
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        using VolumeHandle other = test.Volume("vm2", 64 * Chunk);
        byte[] content = new byte[4 * Chunk];
        TestPool.Pattern(1, Chunk + 3000).CopyTo(content, 1000);
        volume.Write(1000, content.AsSpan(1000, Chunk + 3000));
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        volume.Punch(2 * Block, 2 * Block);
        content.AsSpan(2 * Block, 2 * Block).Clear();
        byte[] frozen = test.Read("vm1@s");
        volume.Allocate(offset, length);
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
        for (int chunk = 0; test.Pool.Status().FreeBytes != 0; chunk++)
        {
            other.Write(chunk * Chunk, TestPool.Pattern(2, Block));
        }

        byte[] data = TestPool.Pattern(3, length);
        volume.Write(offset, data);
        data.CopyTo(content, offset);
        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(frozen);
        test.MustBeClean();
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(frozen);
    }

    [Fact]
    public void An_allocation_that_does_not_fit_is_told_and_harms_nothing()
    {
        using TestPool test = TestPool.Create(3);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        byte[] content = new byte[8 * Chunk];
        TestPool.Pattern(1, Chunk).CopyTo(content, 0);
        volume.Write(0, content.AsSpan(0, Chunk));
        Action allocate = () => volume.Allocate(0, 8 * Chunk);
        allocate.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
        test.Read("vm1").Should().Equal(content);
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        test.MustBeClean();
    }

    [Fact]
    public void An_allocation_never_changes_the_size_nor_goes_behind_it()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", Chunk + 512);
        volume.Allocate(0, long.MaxValue / 2);
        volume.Allocate(5 * Chunk, Chunk);
        volume.SizeBytes.Should().Be(Chunk + 512);
        test.Pool.Check().OwnedExtents.Should().Be(2);
        test.Read("vm1").Should().OnlyContain(b => b == 0);
    }

    /// <summary>Guards: a chunk that is being allocated is held as a whole; a write into it comes after, and stays.</summary>
    [Fact]
    public void A_write_into_a_chunk_that_is_being_allocated_stays()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] data = TestPool.Pattern(1, 1000);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall allocate = BackgroundCall.Start("allocate", () => volume.Allocate(0, Chunk));
        hold.WaitUntilReached();
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(100, data));
        BackgroundCall snapshot = BackgroundCall.Start("snapshot", () => test.Pool.CreateSnapshot("vm1", "vm1@s"));
        snapshot.WaitUntilWaiting();
        hold.Release();
        allocate.Finish();
        write.Finish();
        snapshot.Finish();
        byte[] expected = new byte[Chunk];
        data.CopyTo(expected, 100);
        test.Read("vm1").Should().Equal(expected);
        test.MustBeClean();
    }

    /// <summary>Guards: the end of the volume is looked at inside the gate, chunk by chunk.</summary>
    [Fact]
    public void An_allocation_under_way_takes_nothing_behind_an_end_that_a_shrink_sets()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall allocate = BackgroundCall.Start("allocate", () => volume.Allocate(0, 8 * Chunk));
        hold.WaitUntilReached();
        BackgroundCall shrink = BackgroundCall.Start("shrink", () => volume.Resize(2 * Chunk));
        shrink.WaitUntilWaiting();
        hold.Release();
        shrink.Finish();
        allocate.Finish();
        test.Pool.Check().OwnedExtents.Should().BeLessThanOrEqualTo(2);
        test.MustBeClean();
    }

    [Theory]
    [InlineData(SimulatedIoKind.Read)]
    [InlineData(SimulatedIoKind.Write)]
    public void An_allocation_that_meets_an_error_leaves_the_content_and_no_lost_extent(object kind)
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] content = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, (SimulatedIoKind)kind, Errno.EIO) { IsSticky = true, FromBytes = Node.DataStartBytes });
        Action allocate = () => volume.Allocate(0, 2 * Chunk);
        allocate.Should().Throw<StorageException>();
        test.Disk.ClearFaults();
        test.Read("vm1").Should().Equal(content);
        test.Pool.Check().OwnedExtents.Should().Be(2);
        test.MustBeClean();
        volume.Allocate(0, 2 * Chunk);
        test.Read("vm1").Should().Equal(content);
        test.Pool.Check().OwnedExtents.Should().Be(4);
    }
}
