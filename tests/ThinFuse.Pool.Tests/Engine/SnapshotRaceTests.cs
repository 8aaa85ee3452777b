using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Snapshots against writes under way, and frozen layers against everything. Held I/Os make every race happen every time.</summary>
public sealed class SnapshotRaceTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    /// <summary>Guards: a snapshot waits for the writes inside the gate, and the gate holds those that come while it waits.</summary>
    [Fact]
    public void A_snapshot_waits_for_mapped_writes_and_holds_new_ones()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] old = TestPool.Pattern(1, 2 * Chunk);
        byte[] before = TestPool.Pattern(2, Chunk);
        byte[] after = TestPool.Pattern(3, Chunk);
        volume.Write(0, old);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall first = BackgroundCall.Start("write before", () => volume.Write(0, before));
        hold.WaitUntilReached();
        BackgroundCall snapshot = BackgroundCall.Start("snapshot", () => test.Pool.CreateSnapshot("vm1", "vm1@s"));
        snapshot.WaitUntilWaiting();
        BackgroundCall second = BackgroundCall.Start("write after", () => volume.Write(Chunk, after));
        second.WaitUntilWaiting();
        (snapshot.HasEnded, second.HasEnded).Should().Be((false, false), "one write is mapped to the head that is to be frozen");
        volume.Read(Chunk, new byte[Chunk]).Should().Be(Chunk, "reads go on");
        hold.Release();
        first.Finish();
        snapshot.Finish();
        second.Finish();
        test.Read("vm1@s").Should().Equal([.. before, .. old[Chunk..]]);
        test.Read("vm1").Should().Equal([.. before, .. after]);
        test.MustBeClean();
    }

    /// <summary>Guards: a parked write is resumed once, when the gate opens, and its mapping is then that of the fresh head.</summary>
    [Fact]
    public void A_write_parked_by_a_snapshot_is_resumed_and_maps_to_the_fresh_head()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] old = TestPool.Pattern(1, Chunk);
        byte[] data = TestPool.Pattern(2, Chunk);
        volume.Write(0, old);
        WriteOperation mapped = volume.RentWrite();
        WriteOperation parked = volume.RentWrite();
        CountingWaiter waiter = new();
        volume.MapWrite(mapped, 0, old, waiter).Should().Be(MapOutcome.Ready);
        BackgroundCall snapshot = BackgroundCall.Start("snapshot", () => test.Pool.CreateSnapshot("vm1", "vm1@s"));
        snapshot.WaitUntilWaiting();
        volume.MapWrite(parked, 0, data, waiter).Should().Be(MapOutcome.Parked);
        waiter.Count.Should().Be(0);
        volume.Return(mapped);
        snapshot.Finish();
        waiter.Count.Should().Be(1);
        volume.MapWrite(parked, 0, data, waiter).Should().Be(MapOutcome.Ready);
        parked.Move(data);
        parked.Publish();
        volume.Return(parked);
        waiter.Count.Should().Be(1);
        test.Read("vm1@s").Should().Equal(old);
        test.Read("vm1").Should().Equal(data);
    }

    /// <summary>Guards: the gates of a group stay closed together, until all heads are frozen.</summary>
    [Fact]
    public void A_group_of_snapshots_waits_for_every_volume_and_holds_every_volume()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle one = test.Volume("vm1", Chunk);
        using VolumeHandle two = test.Volume("vm2", Chunk);
        byte[] old = TestPool.Pattern(1, Chunk);
        byte[] before = TestPool.Pattern(2, Chunk);
        byte[] after = TestPool.Pattern(3, Chunk);
        one.Write(0, old);
        two.Write(0, old);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall held = BackgroundCall.Start("write vm2", () => two.Write(0, before));
        hold.WaitUntilReached();
        BackgroundCall group = BackgroundCall.Start("group", () => test.Pool.CreateSnapshots([("vm2", "vm2@g"), ("vm1", "vm1@g")]));
        group.WaitUntilWaiting();
        BackgroundCall late = BackgroundCall.Start("write vm1", () => one.Write(0, after));
        late.WaitUntilWaiting();
        (group.HasEnded, late.HasEnded).Should().Be((false, false));
        hold.Release();
        held.Finish();
        group.Finish();
        late.Finish();
        test.Read("vm2@g").Should().Equal(before);
        test.Read("vm1@g").Should().Equal(old);
        test.Read("vm1").Should().Equal(after);
        test.MustBeClean();
    }

    /// <summary>Guards: a group is one instant; a writer that writes to one volume only after the other never shows in the second alone.</summary>
    [Fact]
    public void A_group_of_snapshots_never_shows_a_later_write_without_an_earlier_one()
    {
        const int rounds = 60;
        using TestPool test = TestPool.Create(256, chunkBytes: Block);
        using VolumeHandle one = test.Volume("vm1", Block);
        using VolumeHandle two = test.Volume("vm2", Block);
        bool stop = false;
        BackgroundCall writer = BackgroundCall.Start("writer", () =>
        {
            for (long i = 1; !Volatile.Read(ref stop); i++)
            {
                one.Write(0, BitConverter.GetBytes(i));
                two.Write(0, BitConverter.GetBytes(i));
            }
        });
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                // Names against the order of the volumes, so that no order of closing the gates is the right one by chance.
                test.Pool.CreateSnapshots(round % 2 == 0 ? [("vm1", "vm1@g"), ("vm2", "vm2@g")] : [("vm2", "vm2@g"), ("vm1", "vm1@g")]);
                long first = BitConverter.ToInt64(test.Read("vm1@g"));
                long second = BitConverter.ToInt64(test.Read("vm2@g"));
                (first - second).Should().BeInRange(0, 1, $"round {round}");
                test.Pool.Delete("vm1@g");
                test.Pool.Delete("vm2@g");
                test.Pool.ReclaimNow();
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            writer.Finish();
        }
    }

    /// <summary>Guards: all heads of a group are frozen by one record; what is written while it is made durable is in none of the snapshots.</summary>
    [Theory]
    [InlineData("vm1", "vm2")]
    [InlineData("vm2", "vm1")]
    public void A_group_of_snapshots_is_frozen_as_one_before_it_is_flushed(string first, string second)
    {
        using TestPool test = TestPool.Create(16);
        byte[] old = TestPool.Pattern(1, Chunk);
        byte[] late = TestPool.Pattern(2, Chunk);
        using VolumeHandle one = test.Volume("vm1", Chunk);
        using VolumeHandle two = test.Volume("vm2", Chunk);
        one.Write(0, old);
        two.Write(0, old);
        using SimulatedHold hold = test.Disk.Hold(TestPool.JournalFiles, SimulatedIoKind.Flush);
        BackgroundCall group = BackgroundCall.Start("group", () => test.Pool.CreateSnapshots([(first, $"{first}@g"), (second, $"{second}@g")]));
        hold.WaitUntilReached();
        BackgroundCall.Run("write vm1", () => one.Write(0, late));
        BackgroundCall.Run("write vm2", () => two.Write(0, late));
        hold.Release();
        group.Finish();
        test.Read("vm1@g").Should().Equal(old);
        test.Read("vm2@g").Should().Equal(old);
        test.MustBeClean();
    }

    /// <summary>Guards: two groups over the same volumes in any order, and resizes, never wait for each other in a circle.</summary>
    [Fact]
    public void Groups_in_opposite_orders_do_not_deadlock()
    {
        using TestPool test = TestPool.Create(64, chunkBytes: Block);
        using VolumeHandle one = test.Volume("vm1", Block);
        using VolumeHandle two = test.Volume("vm2", Block);
        BackgroundCall[] calls =
        [
            BackgroundCall.Start("forward", () => Repeat(i => test.Pool.CreateSnapshots([("vm1", $"vm1@f{i}"), ("vm2", $"vm2@f{i}")]))),
            BackgroundCall.Start("backward", () => Repeat(i => test.Pool.CreateSnapshots([("vm2", $"vm2@b{i}"), ("vm1", $"vm1@b{i}")]))),
            BackgroundCall.Start("resize", () => Repeat(i => one.Resize(Block * (1 + (i % 2))))),
            BackgroundCall.Start("write", () => Repeat(i => two.Write(0, BitConverter.GetBytes(i)))),
            BackgroundCall.Start("clone", () => Repeat(i => test.Pool.Clone("vm1", $"c{i}"))),
        ];
        foreach (BackgroundCall call in calls)
        {
            call.Finish();
        }

        test.MustBeClean();

        static void Repeat(Action<int> action)
        {
            for (int i = 0; i < 40; i++)
            {
                action(i);
            }
        }
    }

    /// <summary>Guards: after a snapshot the volume writes into a fresh head only; masks, merges, tails and resizes included.</summary>
    [Theory]
    [InlineData(4096)]
    [InlineData(512)]
    public void Nothing_is_ever_written_into_a_frozen_layer(int alignmentBytes)
    {
        using TestPool test = TestPool.Create(64, alignmentBytes: alignmentBytes);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        ModelPool model = new();
        model.Files["vm1"] = new byte[4 * Chunk];
        Write(0, TestPool.Pattern(1, 3 * Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Pool.Clone("vm1@s", "clone");
        model.Files["vm1@s"] = model["vm1"];
        model.Files["clone"] = model["vm1"];
        Action[] changes =
        [
            () => Write(5, TestPool.Pattern(2, 90)),
            () => Write(512, TestPool.Pattern(3, 1024)),
            () => Write(Block - 1, TestPool.Pattern(4, 2)),
            () => Punch(2 * Block, Block),
            () => Punch((3 * Block) + 100, 300),
            () => Punch(Chunk - 10, Chunk + 20),
            () => Resize((2 * Chunk) + 1536),
            () => Resize(4 * Chunk),
            () => Write((2 * Chunk) + 1000, TestPool.Pattern(5, Chunk)),
            () => Resize(512),
            () => Resize(3 * Chunk),
            () => Write((3 * Chunk) - 700, TestPool.Pattern(6, 1500)),
            () => Punch(0, 4 * Chunk),
            () => Write(0, TestPool.Pattern(7, 4 * Chunk)),
        ];
        foreach (Action change in changes)
        {
            change();
            PoolContent.MustMatch(test.Pool, model.Files, "after a change");
        }

        test.MustBeClean();
        test.KillAndReopen();
        PoolContent.MustMatch(test.Pool, model.Files, "after a kill");

        void Write(int offset, byte[] data)
        {
            volume.Write(offset, data);
            model.Write("vm1", offset, data);
        }

        void Punch(int offset, int length)
        {
            volume.Punch(offset, length);
            model.Punch("vm1", offset, length);
        }

        void Resize(int size)
        {
            volume.Resize(size);
            model.Resize("vm1", size);
        }
    }

    /// <summary>
    /// Guards: while a layer merges into the one above, in either direction, readers of both sides and writers of the head see no difference. The
    /// held write is the copy itself.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(14)]
    public void A_merge_under_way_changes_nothing_that_anybody_reads(int upperBlocks)
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@1");

        // Two runs of blocks are copied: of the upper layer's or of the lower one's, whichever are fewer.
        IEnumerable<int> blocks = upperBlocks == 2 ? [1, 12] : Enumerable.Range(0, 16).Except([4, 12]);
        foreach (int block in blocks)
        {
            byte[] upper = TestPool.Pattern(2 + block, Block);
            volume.Write(block * Block, upper);
            upper.CopyTo(content, block * Block);
        }

        test.Pool.CreateSnapshot("vm1", "vm1@2");
        byte[] frozen = (byte[])content.Clone();
        test.Pool.Delete("vm1@1");
        using (SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write, skip: 1))
        {
            BackgroundCall reclaim = BackgroundCall.Start("reclaim", test.Pool.ReclaimNow);
            hold.WaitUntilReached();
            test.Read("vm1@2").Should().Equal(frozen);
            test.Read("vm1").Should().Equal(content);
            byte[] data = TestPool.Pattern(3, (2 * Block) - 100);
            volume.Write(Block - 50, data);
            data.CopyTo(content, Block - 50);
            volume.Punch(8 * Block, 3 * Block);
            content.AsSpan(8 * Block, 3 * Block).Clear();
            test.Read("vm1@2").Should().Equal(frozen);
            test.Read("vm1").Should().Equal(content);
            hold.Release();
            reclaim.Finish();
        }

        test.Read("vm1@2").Should().Equal(frozen);
        test.Read("vm1").Should().Equal(content);
        test.Pool.Status().AllocatedBytes.Should().Be(2 * Chunk);
        test.MustBeClean();
    }

    /// <summary>Guards: a write to the head that a layer is merging into waits for that chunk's merge, and wins.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(14)]
    public void A_write_into_the_head_that_is_merged_into_stays(int upperBlocks)
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] content = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@1");
        byte[] upper = TestPool.Pattern(2, upperBlocks * Block);
        volume.Write(0, upper);
        upper.CopyTo(content, 0);
        test.Pool.Delete("vm1@1");
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall reclaim = BackgroundCall.Start("reclaim", test.Pool.ReclaimNow);
        hold.WaitUntilReached();
        byte[] data = TestPool.Pattern(3, Chunk + 600);
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(100, data));
        write.WaitUntilWaiting();
        write.HasEnded.Should().BeFalse("the chunk is being merged");
        test.Read("vm1").Should().Equal(content);
        hold.Release();
        reclaim.Finish();
        write.Finish();
        data.CopyTo(content, 100);
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
    }

    /// <summary>Guards: a layer that is being merged away is nobody's base.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_or_clone_taken_while_the_layer_below_is_merged_keeps_its_content(bool clone)
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] content = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@1");
        test.Pool.Delete("vm1@1");

        // The head is empty; the layer below has lost its name, and the reclaimer is about to record the first chunk's move.
        using SimulatedHold hold = test.Disk.Hold(TestPool.JournalFiles, SimulatedIoKind.Write);
        BackgroundCall reclaim = BackgroundCall.Start("reclaim", test.Pool.ReclaimNow);
        hold.WaitUntilReached();
        string name = clone ? "clone" : "vm1@2";
        BackgroundCall derive = BackgroundCall.Start("derive", () =>
        {
            _ = clone ? test.Pool.Clone("vm1", name) : test.Pool.CreateSnapshot("vm1", name);
        });
        derive.WaitUntilWaiting();
        hold.Release();
        reclaim.Finish();
        derive.Finish();
        test.MustBeClean();
        test.Read(name).Should().Equal(content);
        test.Pool.ReclaimNow();
        test.MustBeClean();
        test.Read(name).Should().Equal(content);
        test.Read("vm1").Should().Equal(content);
        test.CloseAndReopen();
        test.Read(name).Should().Equal(content);
        test.Read("vm1").Should().Equal(content);
    }

    /// <summary>
    /// Guards: the layers a reader walks are those of now. A layer merges upwards, into one that a reader which was on its way before the snapshot does not know. The
    /// table has outgrown its memory, so that the reader can be held in the middle of its walk.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reader_on_its_way_while_its_top_layer_merges_upwards_sees_what_that_layer_held(bool seeks)
    {
        using TestPool test = TestPool.Create(16_384, chunkBytes: Block);
        using VolumeHandle filler = test.Volume("filler", 1L << 40);
        using VolumeHandle volume = test.Volume("vm1", 4 * Block);
        volume.Write(0, TestPool.Pattern(1, Block));
        test.Pool.CreateSnapshot("vm1", "vm1@0");
        byte[] content = [.. new byte[Block], .. TestPool.Pattern(2, 2 * Block), .. new byte[Block]];
        volume.Write(Block, content.AsSpan(Block, 2 * Block));
        volume.Punch(0, Block);
        for (long i = 0; i < 9000; i++)
        {
            filler.Write(i * IExceptionTable.GroupChunks * Block, BitConverter.GetBytes(i));
        }

        using SimulatedHold hold = test.Disk.Hold(TestPool.TableFiles, SimulatedIoKind.Read);
        byte[] seen = new byte[4 * Block];
        long data = 0;
        BackgroundCall reader = BackgroundCall.Start("reader", () =>
        {
            if (seeks)
            {
                data = volume.SeekData(0);
            }
            else
            {
                volume.Read(0, seen);
            }
        });
        hold.WaitUntilReached();
        test.Pool.CreateSnapshot("vm1", "vm1@1");
        test.Pool.Delete("vm1@1");
        BackgroundCall reclaim = BackgroundCall.Start("reclaim", test.Pool.ReclaimNow);
        reclaim.WaitUntilWaiting();
        hold.Release();
        reader.Finish();
        reclaim.Finish();
        if (seeks)
        {
            data.Should().Be(Block);
        }
        else
        {
            seen.Should().Equal(content);
        }

        test.MustBeClean();
    }

    private sealed class CountingWaiter : IParked
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Resume() => Interlocked.Increment(ref _count);
    }
}
