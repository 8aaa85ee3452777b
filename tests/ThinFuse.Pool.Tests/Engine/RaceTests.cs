using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>
/// Reads, writes, snapshots and the reuse of extents against each other. A held I/O stands for the moment in which the other one comes, so
/// that every race happens every time.
/// </summary>
public sealed class RaceTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    /// <summary>Guards: data is moved before it is published.</summary>
    [Theory]
    [InlineData(0, Chunk, 0)]
    [InlineData(0, Block, 0)]
    [InlineData(0, 2 * Chunk, 0)]
    [InlineData(100, Block, 1)]
    [InlineData(Block - 7, Chunk + 11, 2)]
    public void A_read_that_meets_a_write_under_way_sees_all_of_the_old_blocks(int offset, int length, int iosBeforeHeld)
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        byte[] old = TestPool.Pattern(1, 4 * Chunk);
        volume.Write(0, old);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        byte[] data = TestPool.Pattern(2, length);
        byte[] expected = (byte[])old.Clone();
        data.CopyTo(expected, offset);

        // Each merged edge is an I/O of its own, and the whole blocks are one: the last of them is held.
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write, skip: iosBeforeHeld);
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(offset, data));
        hold.WaitUntilReached();
        test.Read("vm1").Should().Equal(old, "nothing of the write is published");
        hold.Release();
        write.Finish();
        test.Read("vm1").Should().Equal(expected);
        test.Read("vm1@s").Should().Equal(old);
        test.MustBeClean();
    }

    /// <summary>Guards: a merged block is held by one write alone.</summary>
    [Fact]
    public void Two_unaligned_writes_into_one_block_both_stay()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] expected = TestPool.Pattern(1, Chunk);
        volume.Write(0, expected);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall first = BackgroundCall.Start("first", () => volume.Write(10, new byte[20]));
        hold.WaitUntilReached();
        BackgroundCall second = BackgroundCall.Start("second", () => volume.Write(100, new byte[30]));
        second.WaitUntilWaiting();
        second.HasEnded.Should().BeFalse("the block is being merged");
        hold.Release();
        first.Finish();
        second.Finish();
        expected.AsSpan(10, 20).Clear();
        expected.AsSpan(100, 30).Clear();
        test.Read("vm1").Should().Equal(expected);
    }

    /// <summary>Guards: a merge waits for in-place writes into its block, and they wait for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_unaligned_and_an_aligned_write_into_one_block_both_stay(bool alignedFirst)
    {
        using TestPool test = TestPool.Create(8, alignmentBytes: 512);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] expected = TestPool.Pattern(1, Chunk);
        volume.Write(0, expected);
        byte[] sector = TestPool.Pattern(2, 512);
        Action aligned = () => WriteAligned(volume, 1024, sector);
        Action unaligned = () => volume.Write(10, new byte[20]);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall first = BackgroundCall.Start("first", alignedFirst ? aligned : unaligned);
        hold.WaitUntilReached();
        BackgroundCall second = BackgroundCall.Start("second", alignedFirst ? unaligned : aligned);
        second.WaitUntilWaiting();
        hold.Release();
        first.Finish();
        second.Finish();
        sector.CopyTo(expected, 1024);
        expected.AsSpan(10, 20).Clear();
        test.Read("vm1").Should().Equal(expected);
    }

    /// <summary>Guards: what is published adds to what others published since the claim.</summary>
    [Fact]
    public void Two_writes_into_one_new_chunk_share_its_extent_and_show_one_by_one()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] one = TestPool.Pattern(1, Block);
        byte[] two = TestPool.Pattern(2, Block);
        byte[] expected = new byte[Chunk];
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall first = BackgroundCall.Start("first", () => volume.Write(0, one));
        hold.WaitUntilReached();
        volume.Write(Block, two);
        two.CopyTo(expected, Block);
        test.Read("vm1").Should().Equal(expected);
        hold.Release();
        first.Finish();
        one.CopyTo(expected, 0);
        test.Read("vm1").Should().Equal(expected);
        test.MustBeClean();
    }

    /// <summary>Guards: the extent two writes share goes back only when both gave it up.</summary>
    [Fact]
    public void A_write_that_fails_leaves_the_shared_extent_to_the_other()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall first = BackgroundCall.Start("first", () => volume.Write(0, TestPool.Pattern(1, Block)));
        hold.WaitUntilReached();
        byte[] two = TestPool.Pattern(2, Block);
        volume.Write(Block, two);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { IsSticky = true });
        hold.Release();
        first.Join().Should().BeOfType<StorageException>();
        byte[] expected = new byte[Chunk];
        two.CopyTo(expected, Block);
        test.Read("vm1").Should().Equal(expected);
        test.Pool.Status().FreeBytes.Should().Be(0);
        test.MustBeClean();
    }

    /// <summary>Guards: an extent is free only two epochs after it was freed.</summary>
    [Fact]
    public void A_mapped_read_keeps_punched_extents_until_it_ends()
    {
        using TestPool test = TestPool.Create(4);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        using VolumeHandle other = test.Volume("vm2", 4 * Chunk);
        byte[] old = TestPool.Pattern(1, 4 * Chunk);
        volume.Write(0, old);
        ReadOperation read = volume.RentRead();
        byte[] seen = new byte[volume.MapRead(read, 0, 4 * Chunk)];
        volume.Punch(0, 4 * Chunk);
        test.Pool.Commit();
        BackgroundCall fill = BackgroundCall.Start("fill", () => other.Write(0, TestPool.Pattern(2, 4 * Chunk)));
        fill.WaitUntilWaiting();
        read.Move(seen);
        volume.Return(read);
        seen.Should().Equal(old);
        fill.Finish();
        test.Read("vm1").Should().OnlyContain(b => b == 0);
        test.MustBeClean();
    }

    /// <summary>Guards: the same for a deleted volume, whose layer is dropped while the read is under way.</summary>
    [Fact]
    public void A_mapped_read_keeps_the_extents_of_a_deleted_volume_until_it_ends()
    {
        using TestPool test = TestPool.Create(4);
        using VolumeHandle other = test.Volume("vm2", 4 * Chunk);
        VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        byte[] old = TestPool.Pattern(1, 4 * Chunk);
        volume.Write(0, old);
        ReadOperation read = volume.RentRead();
        byte[] seen = new byte[volume.MapRead(read, 0, 4 * Chunk)];
        test.Pool.Delete("vm1");
        volume.Dispose();
        BackgroundCall reclaim = BackgroundCall.Start("reclaim", test.Pool.ReclaimNow);
        reclaim.WaitUntilWaiting();
        BackgroundCall fill = BackgroundCall.Start("fill", () => other.Write(0, TestPool.Pattern(2, 4 * Chunk)));
        fill.WaitUntilWaiting();
        read.Move(seen);
        volume.Return(read);
        seen.Should().Equal(old);
        reclaim.Finish();
        fill.Finish();
        test.MustBeClean();
    }

    /// <summary>Guards: a commit makes free what was punched before it began, and nothing that came while it flushed.</summary>
    [Fact]
    public void A_commit_gives_back_what_was_punched_before_it_and_not_what_was_punched_while_it_flushed()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 2 * Chunk));
        volume.Punch(0, Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Flush);
        BackgroundCall commit = BackgroundCall.Start("commit", test.Pool.Commit);
        hold.WaitUntilReached();
        volume.Punch(Chunk, Chunk);
        hold.Release();
        commit.Finish();
        test.Pool.FreeExtents.Should().Be(1);
        test.Pool.Commit();
        test.Pool.FreeExtents.Should().Be(2);
    }

    /// <summary>Guards: an extent is used again only when the record that freed it survives power loss.</summary>
    [Fact]
    public void After_a_power_cut_no_extent_shows_what_its_next_owner_wrote()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        using VolumeHandle other = test.Volume("vm2", 2 * Chunk);
        byte[] old = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, old);
        volume.Flush();
        int first = test.Disk.IoCount;
        volume.Punch(0, 2 * Chunk);
        other.Write(0, TestPool.Pattern(2, 2 * Chunk));
        for (int io = first; io <= test.Disk.IoCount; io++)
        {
            for (int seed = 0; seed < 4; seed++)
            {
                using TestPool after = TestPool.Open(test.Disk.AfterPowerCut(io, seed));
                byte[] seen = after.Read("vm1");
                for (int at = 0; at < seen.Length; at += Chunk)
                {
                    byte[] chunk = seen[at..(at + Chunk)];
                    bool isOldOrZero = chunk.AsSpan().SequenceEqual(old.AsSpan(at, Chunk)) || !chunk.AsSpan().ContainsAnyExcept((byte)0);
                    isOldOrZero.Should().BeTrue($"chunk at {at} after I/O {io}, seed {seed}");
                }
            }
        }
    }

    /// <summary>Guards: bytes behind a punched range that a write appends meanwhile stay, whatever the size was when the punch began.</summary>
    [Fact]
    public void A_punch_up_to_the_old_end_spares_what_a_write_appends_meanwhile()
    {
        using TestPool test = TestPool.Create(8, alignmentBytes: 512);
        using VolumeHandle volume = test.Volume("vm1", Block + 512);
        volume.Write(0, TestPool.Pattern(1, Block + 512));
        byte[] tail = TestPool.Pattern(2, Block - 512);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall write = BackgroundCall.Start("append", () => volume.Write(Block + 512, tail));
        hold.WaitUntilReached();
        BackgroundCall punch = BackgroundCall.Start("punch", () => volume.Punch(0, Block + 512));
        punch.WaitUntilWaiting();
        hold.Release();
        write.Finish();
        punch.Finish();
        byte[] expected = new byte[2 * Block];
        tail.CopyTo(expected, Block + 512);
        test.Read("vm1").Should().Equal(expected);
    }

    /// <summary>Guards: whether a write leaves a gap behind the end is seen inside the gate.</summary>
    [Fact]
    public void A_write_at_the_old_end_shows_nothing_of_what_a_shrink_cuts_off_meanwhile()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 2 * Block);
        byte[] content = TestPool.Pattern(1, 2 * Block);
        byte[] data = TestPool.Pattern(2, Block);
        volume.Write(0, content);
        using SimulatedHold hold = test.Disk.Hold(TestPool.JournalFiles, SimulatedIoKind.Write);
        BackgroundCall shrink = BackgroundCall.Start("shrink", () => volume.Resize(512));
        hold.WaitUntilReached();
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(2 * Block, data));
        write.WaitUntilWaiting();
        hold.Release();
        shrink.Finish();
        write.Finish();
        test.Read("vm1").Should().Equal([.. content[..512], .. new byte[(2 * Block) - 512], .. data]);
        test.MustBeClean();
    }

    /// <summary>Guards: a write that is parked inside the gate never waits for the gate to be empty.</summary>
    [Fact]
    public void A_write_behind_the_end_that_was_parked_goes_on()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 512);
        byte[] one = TestPool.Pattern(1, 8);
        byte[] two = TestPool.Pattern(2, 10);
        BlockingWaiter waiter = new();
        WriteOperation first = volume.RentWrite();
        WriteOperation second = volume.RentWrite();
        BackgroundCall calls = BackgroundCall.Start("two appends", () =>
        {
            volume.MapWrite(first, 2 * Block, one, waiter).Should().Be(MapOutcome.Ready);
            volume.MapWrite(second, (2 * Block) + 1000, two, waiter).Should().Be(MapOutcome.Parked, "the first one is merging the block");
            first.Move(one);
            first.Publish();
            waiter.Wait();
            volume.MapWrite(second, (2 * Block) + 1000, two, waiter).Should().Be(MapOutcome.Ready);
            second.Move(two);
            second.Publish();
        });
        calls.Finish();
        volume.Return(first);
        volume.Return(second);
        byte[] seen = test.Read("vm1");
        seen[(2 * Block)..][..8].Should().Equal(one);
        seen[((2 * Block) + 1000)..][..10].Should().Equal(two);
        test.MustBeClean();
    }

    private static void WriteAligned(VolumeHandle volume, long offset, byte[] data)
    {
        using AlignedBuffer buffer = new(data.Length);
        data.CopyTo(buffer.Span);
        volume.Write(offset, buffer.Span);
    }
}
