using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>The pool runs out: exactly when, who is told, what goes on, and how it ends.</summary>
public sealed class ExhaustionTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void A_pool_of_n_extents_takes_exactly_n_chunks(int extents)
    {
        using TestPool test = TestPool.Create(extents, chunkBytes: Block);
        using VolumeHandle volume = test.Volume("vm1", (long)Block * 100_000);
        for (int i = 0; i < extents; i++)
        {
            volume.Write((long)Block * i * 37, TestPool.Pattern(i, Block));
            test.Pool.Status().FreeBytes.Should().Be((long)Block * (extents - i - 1));
        }

        Refused(() => volume.Write((long)Block * extents * 37, new byte[Block]));
        byte[] seen = new byte[Block];
        for (int i = 0; i < extents; i++)
        {
            volume.Read((long)Block * i * 37, seen);
            seen.Should().Equal(TestPool.Pattern(i, Block));
        }

        test.MustBeClean();
    }

    [Theory]
    [InlineData(0, 4 * Chunk)]
    [InlineData(100, (3 * Chunk) + 700)]
    public void A_write_that_needs_one_extent_too_many_leaves_nothing(int offset, int length)
    {
        using TestPool test = TestPool.Create(5);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        using VolumeHandle other = test.Volume("vm2", 2 * Chunk);
        other.Write(0, TestPool.Pattern(1, 2 * Chunk));
        Refused(() => volume.Write(offset, TestPool.Pattern(2, length)));
        test.Read("vm1").Should().OnlyContain(b => b == 0);
        volume.SeekData(0).Should().Be(-1);
        volume.Info.AllocatedBytes.Should().Be(0);
        test.Pool.Status().FreeBytes.Should().Be(3 * Chunk);
        test.MustBeClean();
        volume.Write(0, TestPool.Pattern(3, 3 * Chunk));
        test.Pool.Status().FreeBytes.Should().Be(0);
    }

    [Fact]
    public void A_write_that_is_refused_does_not_grow_the_volume()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        Refused(() => volume.Write(Chunk - 512, new byte[1024]));
        volume.SizeBytes.Should().Be(Chunk);
        test.Read("vm1").Should().Equal(TestPool.Pattern(1, Chunk));
    }

    [Fact]
    public void A_write_that_must_not_block_is_told_so_where_a_commit_may_bring_space()
    {
        using TestPool test = TestPool.Create(1, chunkBytes: Block);
        using VolumeHandle volume = test.Volume("vm1", 2 * Block);
        volume.Write(0, TestPool.Pattern(1, Block));
        volume.Punch(0, Block);
        BlockingWaiter nobody = new();
        byte[] data = TestPool.Pattern(2, Block);
        WriteOperation write = volume.RentWrite();

        volume.MapWrite(write, Block, data, nobody, mayBlock: false).Should().Be(MapOutcome.MustBlock);
        volume.MapWrite(write, Block, data, nobody, mayBlock: true).Should().Be(MapOutcome.Ready);
        write.Move(data);
        write.Publish();
        volume.Return(write);
        test.Read("vm1").Should().Equal([.. new byte[Block], .. data]);
        test.MustBeClean();
    }

    [Fact]
    public void In_a_full_pool_all_that_needs_no_extent_goes_on()
    {
        using TestPool test = TestPool.Create(4, alignmentBytes: 512);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        byte[] content = new byte[8 * Chunk];
        TestPool.Pattern(1, 2 * Chunk).CopyTo(content, 0);
        volume.Write(0, content.AsSpan(0, 2 * Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        byte[] frozen = (byte[])content.Clone();
        byte[] head = TestPool.Pattern(2, Chunk + Block);
        volume.Write(0, head);
        head.CopyTo(content, 0);
        Refused(() => volume.Write(2 * Chunk, new byte[512]));

        // Owned blocks, aligned and merged, and blocks that are new in an extent already owned.
        ReadOnlySpan<(int Offset, int Length)> owned = [(0, Chunk), (10, 5000), (Chunk, Block), (Chunk + Block, Block), (Chunk + (3 * Block) + 5, 9)];
        foreach ((int offset, int length) in owned)
        {
            byte[] data = TestPool.Pattern(offset, length);
            volume.Write(offset, data);
            data.CopyTo(content, offset);
        }

        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(frozen);
        test.Pool.CreateSnapshot("vm1", "vm1@t");
        test.Pool.Clone("vm1", "clone");
        test.Pool.Rename("clone", "renamed");
        volume.Punch(Chunk + Block, Block);
        content.AsSpan(Chunk + Block, Block).Clear();
        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(frozen);
        volume.Flush();
        test.Pool.Delete("renamed");
        test.Pool.Delete("vm1@t");
        test.Pool.Delete("vm1@s");
        test.Pool.Checkpoint();
        test.Pool.ReclaimNow();
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }

    [Theory]
    [InlineData("punch")]
    [InlineData("delete")]
    [InlineData("shrink")]
    [InlineData("grow")]
    [InlineData("node")]
    [InlineData("merge")]
    public void Space_that_comes_back_is_usable_at_once(string how)
    {
        using TestPool test = TestPool.Create(4);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        using (VolumeHandle other = test.Volume("vm2", 4 * Chunk))
        {
            other.Write(0, TestPool.Pattern(1, Chunk));
        }

        volume.Write(0, TestPool.Pattern(2, Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        volume.Write(0, TestPool.Pattern(3, 2 * Chunk));
        Refused(() => volume.Write(4 * Chunk, new byte[512]));
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        switch (how)
        {
            case "punch":
                volume.Punch(Chunk, Chunk);
                break;
            case "delete":
                test.Pool.Delete("vm2");
                test.Pool.ReclaimNow();
                break;
            case "shrink":
                volume.Resize(Chunk);
                break;
            case "grow":
                test.Pool.Grow(5 * Chunk);
                break;
            case "node":
                test.Pool.AddNode("/nodes/extra", Chunk);
                break;
            case "merge":
                test.Pool.Delete("vm1@s");
                test.Pool.ReclaimNow();
                break;
        }

        byte[] data = TestPool.Pattern(4, Chunk);
        volume.Write(4 * Chunk, data);
        Refused(() => volume.Write(6 * Chunk, new byte[512]));
        byte[] seen = new byte[Chunk];
        volume.Read(4 * Chunk, seen);
        seen.Should().Equal(data);
        test.Pool.Status().FreeBytes.Should().Be(0);
        test.MustBeClean();
    }

    [Fact]
    public void Mode_and_events_tell_once_of_the_end_of_space_and_once_of_its_return()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 2 * Chunk));
        test.Pool.Status().Mode.Should().Be(PoolMode.Write, "a full pool has refused nobody yet");
        for (int i = 0; i < 3; i++)
        {
            Refused(() => volume.Write(4 * Chunk, new byte[512]));
            test.Pool.Commit();
        }

        SpaceEvents(test).Should().Equal("out_of_space");
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        volume.Punch(0, Chunk);
        test.Pool.Commit();
        test.Pool.Commit();
        SpaceEvents(test).Should().Equal("out_of_space", "space_returned");
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
    }

    /// <summary>Guards: space returned means that some came back, not that some was left.</summary>
    [Fact]
    public void A_write_too_large_for_what_is_left_is_told_once_too()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        for (int i = 0; i < 3; i++)
        {
            Refused(() => volume.Write(4 * Chunk, new byte[2 * Chunk]));
            test.Pool.Commit();
        }

        SpaceEvents(test).Should().Equal("out_of_space");
    }

    /// <summary>Guards: mode out_of_space ends when a write that needs a new extent gets one.</summary>
    [Fact]
    public void The_mode_is_write_again_when_a_write_got_its_extent()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 2 * Chunk));
        Refused(() => volume.Write(4 * Chunk, new byte[512]));
        volume.Punch(0, Chunk);
        volume.Write(4 * Chunk, new byte[512]);
        test.Pool.Commit();
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        SpaceEvents(test).Should().Equal("out_of_space", "space_returned");
    }

    [Fact]
    public void Freed_extents_that_only_wait_for_a_commit_refuse_nobody()
    {
        using TestPool test = TestPool.Create(3);
        using VolumeHandle volume = test.Volume("vm1", 3 * Chunk);
        byte[] content = [];
        for (int round = 0; round < 50; round++)
        {
            content = TestPool.Pattern(round, 3 * Chunk);
            volume.Write(0, content);
            test.Read("vm1").Should().Equal(content);
            volume.Punch(0, 3 * Chunk);
        }

        test.Events.Should().NotContain("out_of_space");
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Writers_racing_for_the_last_extents_get_exactly_those(int seed)
    {
        const int writers = 8;
        const int left = 21;
        const int triesEach = 10;
        using TestPool test = TestPool.Create(left, chunkBytes: Block);
        VolumeHandle[] volumes = [.. Enumerable.Range(0, writers).Select(i => test.Volume($"vm{i}", 1 << 20))];
        int succeeded = 0;
        using Barrier start = new(writers);
        BackgroundCall[] calls = [.. Enumerable.Range(0, writers).Select(i => BackgroundCall.Start($"writer {i}", () =>
        {
            start.SignalAndWait();
            for (int n = 0; n < triesEach; n++)
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

        succeeded.Should().Be(left);
        volumes.Sum(volume => volume.Info.AllocatedBytes).Should().Be(left * Block);
        test.MustBeClean();
    }

    [Fact]
    public void A_writer_that_waits_for_the_readers_of_freed_extents_gets_them_when_they_end()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        ReadOperation read = volume.RentRead();
        volume.MapRead(read, 0, Chunk);
        volume.Punch(0, Chunk);
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(0, TestPool.Pattern(2, Chunk)));
        write.WaitUntilWaiting();
        volume.Return(read);
        write.Finish();
        test.Read("vm1").Should().Equal(TestPool.Pattern(2, Chunk));
    }

    /// <summary>
    /// Guards: the rest of the new end's block is zeroed first. Where a snapshot shares that block this needs an extent, and a shrink that does not get it has
    /// changed nothing.
    /// </summary>
    [Fact]
    public void A_shrink_that_is_refused_for_space_changes_nothing_and_works_when_there_is_some()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        Refused(() => volume.Resize(Block + 512));
        volume.SizeBytes.Should().Be(Chunk);
        test.Read("vm1").Should().Equal(content);
        test.Pool.Grow(4 * Chunk);
        volume.Resize(Block + 512);
        test.Read("vm1").Should().Equal(content[..(Block + 512)]);
        test.Pool.CreateSnapshot("vm1", "vm1@t");
        volume.Resize(Chunk);
        test.Pool.Clone("vm1@t", "clone");
        test.Pool.Resize("clone", Chunk);
        byte[] expected = [.. content[..(Block + 512)], .. new byte[Chunk - Block - 512]];
        test.Read("vm1").Should().Equal(expected);
        test.Read("clone").Should().Equal(expected);
        test.Read("vm1@s").Should().Equal(content);
        test.MustBeClean();
    }

    [Fact]
    public void A_shrink_to_a_block_needs_no_space()
    {
        using TestPool test = TestPool.Create(1);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        volume.Resize(3 * Block);
        volume.Resize(Chunk);
        test.Read("vm1").Should().Equal([.. content[..(3 * Block)], .. new byte[Chunk - (3 * Block)]]);
        test.Read("vm1@s").Should().Equal(content);
        test.MustBeClean();
    }

    /// <summary>Guards: a discard of everything is masks alone, wherever the volume ends.</summary>
    [Theory]
    [InlineData(2 * Chunk)]
    [InlineData(Chunk + Block)]
    [InlineData(Chunk + Block + 512)]
    public void A_discard_of_a_whole_volume_goes_on_in_a_full_pool(int sizeBytes)
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", sizeBytes);
        byte[] content = TestPool.Pattern(1, sizeBytes);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        volume.Punch(0, sizeBytes);
        test.Read("vm1").Should().OnlyContain(b => b == 0);
        test.Read("vm1@s").Should().Equal(content);
        test.MustBeClean();
    }

    [Fact]
    public void When_the_host_is_full_a_sparse_node_refuses_the_write_and_nothing_is_lost()
    {
        using TestPool test = TestPool.Create(1024, sparseNodes: true);
        using VolumeHandle volume = test.Volume("vm1", 8L << 20);
        byte[] content = TestPool.Pattern(1, 4 * Chunk);
        volume.Write(0, content);
        volume.Flush();
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Disk.CapacityBytes = 0;
        Action tooMuch = () => volume.Write(0, TestPool.Pattern(2, 2 * Chunk));
        tooMuch.Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
        test.Read("vm1")[..content.Length].Should().Equal(content);
        test.Read("vm1@s")[..content.Length].Should().Equal(content);
        test.MustBeClean();
        volume.Flush();
        test.Disk.CapacityBytes = null;
        volume.Write(0, TestPool.Pattern(2, 2 * Chunk));
        test.Read("vm1")[..(2 * Chunk)].Should().Equal(TestPool.Pattern(2, 2 * Chunk));
        test.Read("vm1@s")[..content.Length].Should().Equal(content);
        test.MustBeClean();
    }

    /// <summary>Guards: metadata is never what runs out first: data is refused while there is still room to record overwrites, discards and deletes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void When_the_host_has_no_room_for_metadata_only_new_extents_are_refused(int seed)
    {
        const int volumeBytes = 32 << 20;
        using TestPool test = TestPool.Create(
            4096, chunkBytes: Block, options: EngineOptions.Quiet with { JournalSegmentBytes = 32 << 10 });
        using VolumeHandle volume = test.Volume("vm1", volumeBytes);
        byte[] content = new byte[volumeBytes];
        Random random = new(seed);
        Write(0, 64);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Disk.CapacityBytes = 0;

        // Each chunk is a record; the journal's spares fill, and no more can be made.
        int written = 64;
        PoolException? refusal = null;
        while (refusal is null && written < 4000)
        {
            try
            {
                Write(written, 1);
                written++;
            }
            catch (PoolException e)
            {
                refusal = e;
            }
        }

        refusal!.Kind.Should().Be(PoolErrorKind.NoSpace);
        test.Pool.Status().FreeBytes.Should().BePositive("it is metadata that has no room");
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        Write(written - 10, 10);
        for (int i = 0; i < 40; i++)
        {
            long chunk = random.Next(written);
            volume.Punch(chunk * Block, Block);
            content.AsSpan((int)chunk * Block, Block).Clear();
        }

        test.Pool.Delete("vm1@s");
        test.Read("vm1").AsSpan().SequenceEqual(content).Should().BeTrue();
        test.MustBeClean();
        SimulatedDisk full = test.Disk.AfterKill(test.Disk.IoCount);

        // A new journal may find no room, which is an error to read and to mend, and harms nothing.
        try
        {
            ThinPool.Open(full, EngineOptions.Quiet).Dispose();
        }
        catch (StorageException e) when (e.ErrorNumber == Errno.ENOSPC)
        {
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
        }

        test.Disk.CapacityBytes = null;
        test.KillAndReopen();
        test.Read("vm1").AsSpan().SequenceEqual(content).Should().BeTrue();
        test.Pool.Find("vm1@s").Should().BeNull();
        test.MustBeClean();
        test.Pool.Checkpoint();
        using VolumeHandle again = test.Handle("vm1");
        again.Write(volumeBytes - Block, TestPool.Pattern(9, Block));

        void Write(int chunk, int count)
        {
            byte[] data = TestPool.Pattern(chunk + seed, count * Block);
            volume.Write((long)chunk * Block, data);
            data.CopyTo(content, chunk * Block);
        }
    }

    private static string[] SpaceEvents(TestPool test) => [.. test.Events.Where(kind => kind is "out_of_space" or "space_returned")];

    private static void Refused(Action action) =>
        action.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
}
