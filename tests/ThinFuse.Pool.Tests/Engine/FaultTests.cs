using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>The disk says no: once, for good, at one place, and at every place in turn.</summary>
public sealed class FaultTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Fact]
    public void A_host_without_room_is_the_writers_error_and_leaves_the_old_content()
    {
        const int errno = Errno.ENOSPC;
        using TestPool test = TestPool.Create(4);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] old = TestPool.Pattern(1, Chunk);
        volume.Write(0, old);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        long free = test.Pool.Status().FreeBytes;
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, errno) { PartialBytes = 700 });
        Action write = () => volume.Write(100, TestPool.Pattern(2, Chunk));
        write.Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(errno);
        test.Read("vm1").Should().Equal([.. old, .. new byte[Chunk]]);
        test.Pool.Status().FreeBytes.Should().Be(free, "no extent is lost");
        test.Pool.Status().Mode.Should().Be(PoolMode.OutOfSpace);
        test.MustBeClean();
        byte[] data = TestPool.Pattern(3, Chunk);
        volume.Write(100, data);
        test.Pool.Status().Mode.Should().Be(PoolMode.Write, "the host takes writes again");
        test.Read("vm1").Should().Equal([.. old[..100], .. data, .. new byte[Chunk - 100]]);
        test.Read("vm1@s")[..Chunk].Should().Equal(old);
    }

    /// <summary>Guards: what a write that failed half-way has changed is seen at once, so a flush after it makes that durable like anything else.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_seen_of_a_failed_write_survives_power_loss_after_a_flush(bool movedOutside)
    {
        const int partBytes = 512;
        using TestPool test = TestPool.Create(4, alignmentBytes: partBytes);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        volume.Write(0, TestPool.Pattern(1, Block));
        volume.Flush();
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.ENOSPC) { PartialBytes = partBytes });
        using AlignedBuffer data = new(Block);
        TestPool.Pattern(2, Block).CopyTo(data.Span);
        if (movedOutside)
        {
            WriteOperation write = volume.RentWrite();
            volume.MapWrite(write, 0, data.Span, new BlockingWaiter()).Should().Be(MapOutcome.Ready);
            Segment segment = write.Segments[0];
            Record.Exception(() => segment.Node!.File.Write(segment.FileOffsetBytes, data.Span)).Should().BeOfType<StorageException>();
            write.NoteMoved(Errno.ENOSPC);
            volume.Return(write);
        }
        else
        {
            Record.Exception(() => volume.Write(0, data.Span)).Should().BeOfType<StorageException>();
        }

        byte[] seen = test.Read("vm1");
        seen[..partBytes].Should().Equal(data.Span[..partBytes].ToArray());
        volume.Flush();
        using TestPool after = TestPool.Open(test.Disk.AfterPowerCut(test.Disk.IoCount, 0));
        after.Read("vm1").Should().Equal(seen);
    }

    [Fact]
    public void A_failed_read_is_an_error_for_that_read_alone()
    {
        using TestPool test = TestPool.Create(4);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] content = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, content);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Read, Errno.EIO));
        Action read = () => volume.Read(0, new byte[Chunk]);
        read.Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.EIO);
        test.Read("vm1").Should().Equal(content);
        test.Pool.Status().Mode.Should().Be(PoolMode.Write);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Read, Errno.EIO));
        Action merge = () => volume.Write(10, new byte[10]);
        merge.Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.EIO);
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }

    [Theory]
    [InlineData(TestPool.NodeFiles)]
    [InlineData(TestPool.JournalFiles)]
    public void A_failed_flush_ends_all_promises_until_the_pool_is_opened_again(string files)
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        byte[] promised = TestPool.Pattern(1, Chunk);
        volume.Write(0, promised);
        volume.Flush();
        volume.Write(Chunk, TestPool.Pattern(2, Chunk));
        test.Disk.Inject(new SimulatedFault(files, SimulatedIoKind.Flush, Errno.EIO));
        Action flush = volume.Flush;
        flush.Should().Throw<Exception>().Which.Should().Match(e => e is StorageException || e is PoolException);
        test.Pool.Status().Mode.Should().Be(PoolMode.ReadOnly);
        test.Events.Where(kind => kind.StartsWith("pool_", StringComparison.Ordinal)).Should().Equal("pool_read_only");
        foreach (Action refused in (Action[])[
            flush,
            test.Pool.Commit,
            test.Pool.Checkpoint,
            () => volume.Write(0, new byte[10]),
            () => volume.Write(3 * Chunk, new byte[Block]),
            () => volume.Punch(0, Chunk),
            () => volume.Resize(Chunk),
            () => test.Pool.CreateVolume("vm2", Chunk),
            () => test.Pool.CreateSnapshot("vm1", "vm1@s"),
            () => test.Pool.Clone("vm1", "vm3"),
            () => test.Pool.Rename("vm1", "vm4"),
            () => test.Pool.Delete("vm1"),
            () => test.Pool.Grow(100 * Chunk),
        ])
        {
            refused.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Failed);
        }

        test.Read("vm1")[..Chunk].Should().Equal(promised, "reads go on");
        test.Pool.Volumes().Select(info => info.Name).Should().Equal(["vm1"], "nothing that was refused shows");
        for (int seed = 0; seed < 4; seed++)
        {
            using TestPool after = TestPool.Open(test.Disk.AfterPowerCut(test.Disk.IoCount, seed));
            after.Read("vm1")[..Chunk].Should().Equal(promised);
            after.MustBeClean();
        }

        using TestPool successor = TestPool.Open(test.Disk.AfterKill(test.Disk.IoCount));
        successor.Read("vm1")[..(2 * Chunk)].Should().Equal([.. promised, .. TestPool.Pattern(2, Chunk)]);
    }

    [Fact]
    public void A_write_mapped_before_the_pool_failed_is_not_acknowledged()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(Chunk, TestPool.Pattern(2, Chunk)));
        hold.WaitUntilReached();
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Flush, Errno.EIO));
        Action flush = volume.Flush;
        flush.Should().Throw<StorageException>();
        hold.Release();
        write.Join().Should().BeOfType<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Failed);
        test.Read("vm1")[Chunk..].Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void A_failed_journal_write_fails_the_pool_and_what_was_acknowledged_stays()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Disk.Inject(new SimulatedFault(TestPool.JournalFiles, SimulatedIoKind.Write, Errno.EIO) { PartialBytes = 20 });
        Action write = () => volume.Write(Chunk, TestPool.Pattern(2, Chunk));
        write.Should().Throw<Exception>().Which.Should().Match(e => e is StorageException || e is PoolException);
        test.Pool.Status().Mode.Should().Be(PoolMode.ReadOnly);
        byte[] seen = test.Read("vm1");
        seen[..Chunk].Should().Equal(content);
        seen[Chunk..].Should().OnlyContain(b => b == 0);
        using TestPool successor = TestPool.Open(test.Disk.AfterKill(test.Disk.IoCount));
        successor.Read("vm1").Should().Equal(seen);
        successor.MustBeClean();
    }

    /// <summary>Guards: an operation that fails gives its claims, the gate and its epoch back, so that nobody waits for ever.</summary>
    [Fact]
    public void After_the_table_failed_nothing_hangs()
    {
        using TestPool test = TestPool.Create(
            32_768, chunkBytes: Block, options: EngineOptions.Quiet with { BackgroundReclaim = true });
        using VolumeHandle volume = test.Volume("vm1", 1L << 40);
        using VolumeHandle held = test.Volume("vm2", Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall mapped = BackgroundCall.Start("mapped write", () => held.Write(0, TestPool.Pattern(2, 3 * Block)));
        hold.WaitUntilReached();
        BackgroundCall parked = BackgroundCall.Start("parked write", () => held.Write(100, new byte[100]));
        BackgroundCall snapshot = BackgroundCall.Start("snapshot", () => test.Pool.CreateSnapshot("vm2", "vm2@s"));
        snapshot.WaitUntilWaiting();
        test.Disk.Inject(new SimulatedFault(TestPool.TableFiles, SimulatedIoKind.Write, Errno.EIO) { IsSticky = true });

        // One chunk in each group of 32: the table outgrows its memory soon, and must write.
        byte[] data = TestPool.Pattern(1, Block);
        Exception? failure = null;
        for (long i = 0; failure is null && i < 30_000; i++)
        {
            failure = Record.Exception(() => volume.Write(i * 32 * Block, data));
        }

        failure.Should().Match(e => e is StorageException || e is PoolException);
        hold.Release();
        mapped.Join().Should().Match(e => e is StorageException || e is PoolException);
        parked.Join().Should().Match(e => e is StorageException || e is PoolException);
        snapshot.Join().Should().Match(e => e == null || e is StorageException || e is PoolException);
        Endure("write", () => volume.Write(0, data));
        Endure("write where it failed", () => held.Write(0, data));
        Endure("write elsewhere", () => volume.Write(1L << 39, data));
        Endure("read", () => volume.Read(0, new byte[Block]));
        Endure("snapshot", () => test.Pool.CreateSnapshot("vm1", "vm1@s"));
        Endure("resize", () => volume.Resize(Chunk));
        Endure("punch", () => volume.Punch(0, Chunk));
        Endure("delete", () => test.Pool.Delete("vm1"));
        Endure("reclaim", test.Pool.ReclaimNow);
        Endure("commit", test.Pool.Commit);
        Endure("checkpoint", test.Pool.Checkpoint);
        test.Pool.Status().Mode.Should().Be(PoolMode.Failed);
        test.Events.Count(kind => kind == "pool_failed").Should().Be(1);
        foreach (Action refused in (Action[])[() => volume.Read(0, new byte[Block]), () => volume.SeekData(0), () => volume.SeekHole(0)])
        {
            refused.Should().Throw<PoolException>("a table that failed cannot be trusted").Which.Kind.Should().Be(PoolErrorKind.Failed);
        }

        static void Endure(string what, Action call) =>
            BackgroundCall.Start(what, call).Join().Should().Match(e => e == null || e is StorageException || e is PoolException, what);
    }

    [Theory]
    [InlineData("*/image-*", SimulatedIoKind.Create, Errno.ENOSPC)]
    [InlineData("*/image-*", SimulatedIoKind.Write, Errno.ENOSPC)]
    [InlineData("*/image-*", SimulatedIoKind.Write, Errno.EIO)]
    [InlineData("*/image-*", SimulatedIoKind.Flush, Errno.EIO)]
    [InlineData("*/image-*", SimulatedIoKind.Delete, Errno.EIO)]
    [InlineData("*/table/*.checkpoint", SimulatedIoKind.Any, Errno.EIO)]
    [InlineData("*/table/*.checkpoint", SimulatedIoKind.Create | SimulatedIoKind.Allocate, Errno.ENOSPC)]
    public void A_failed_checkpoint_harms_nothing(string files, object kinds, int errno)
    {
        using TestPool test = TestPool.Create(32);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        byte[] content = TestPool.Pattern(1, 8 * Chunk);
        volume.Write(0, content);
        SimulatedFault fault = test.Disk.Inject(new SimulatedFault(files, (SimulatedIoKind)kinds, errno));
        Exception? failure = Record.Exception(test.Pool.Checkpoint);
        failure.Should().Match(e => e == null || e is StorageException || e is PoolException);
        bool struck = fault.Hits == 1 || errno == Errno.ENOSPC;
        struck.Should().BeTrue("an error of the disk is met; a full host only where something is asked of it");
        if (test.Pool.Status().Mode == PoolMode.Failed)
        {
            test.Events.Should().Contain("pool_failed");
        }
        else
        {
            test.Read("vm1").Should().Equal(content);
        }

        using (TestPool killed = TestPool.Open(test.Disk.AfterKill(test.Disk.IoCount)))
        {
            killed.Read("vm1").Should().Equal(content);
            killed.MustBeClean();
        }

        // Whether the pool goes on is the table's to say; what it acknowledges must be kept either way.
        byte[] more = TestPool.Pattern(2, Chunk);
        if (Record.Exception(() => volume.Write(0, more)) is null)
        {
            more.CopyTo(content, 0);
            volume.Flush();
            Record.Exception(test.Pool.Checkpoint).Should().BeNull("the fault is gone");
        }

        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }

    [Fact]
    public void A_failed_superblock_write_fails_the_pool_and_both_starting_points_work()
    {
        using TestPool test = TestPool.Create(8);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        volume.Flush();
        test.Disk.Inject(new SimulatedFault("*/superblock", SimulatedIoKind.Write, Errno.EIO) { PartialBytes = 512 });
        Action checkpoint = test.Pool.Checkpoint;
        checkpoint.Should().Throw<Exception>().Which.Should().Match(e => e is StorageException || e is PoolException);
        test.Pool.Status().Mode.Should().Be(PoolMode.ReadOnly);
        test.Read("vm1").Should().Equal(content);
        for (int seed = 0; seed < 8; seed++)
        {
            using TestPool after = TestPool.Open(test.Disk.AfterPowerCut(test.Disk.IoCount, seed));
            after.Read("vm1").Should().Equal(content);
            after.MustBeClean();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_reclaim_that_meets_an_error_loses_nothing_and_can_be_repeated(int threads)
    {
        const int Chunks = 4 * IExceptionTable.GroupChunks;
        using TestPool test = TestPool.Create(2 * Chunks, Chunk / 4, options: EngineOptions.Quiet with { ReclaimThreads = threads });
        using VolumeHandle volume = test.Volume("vm1", Chunks * Chunk / 4);
        byte[] content = TestPool.Pattern(1, Chunks * Chunk / 4);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");

        // Every second block of some chunks, and one or three neighbours of others, so that blocks are copied up and down.
        foreach (int block in Enumerable.Range(0, Chunks * 4).Where(block => block % 31 < 16 ? block % 2 == 0 : block % 4 < 3))
        {
            byte[] upper = TestPool.Pattern(block + 2, Block);
            volume.Write(block * Block, upper);
            upper.CopyTo(content, block * Block);
        }

        test.Pool.Delete("vm1@s");
        foreach (SimulatedIoKind kind in (ReadOnlySpan<SimulatedIoKind>)[SimulatedIoKind.Read, SimulatedIoKind.Write])
        {
            for (int skip = 0; skip < 3; skip++)
            {
                test.Disk.ClearFaults();
                test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, kind, Errno.EIO) { Skip = skip, IsSticky = true, FromBytes = Node.DataStartBytes });
                Action reclaim = test.Pool.ReclaimNow;
                reclaim.Should().Throw<StorageException>();
                test.Pool.Status().RetiredExtents.Should().Be(0, "a node that takes no write at all has no bad places");
                test.Disk.ClearFaults();
                test.Read("vm1").Should().Equal(content);
                test.MustBeClean();
            }
        }

        test.Pool.ReclaimNow();
        test.Read("vm1").Should().Equal(content);
        test.Pool.Status().AllocatedBytes.Should().Be(Chunks * Chunk / 4);
        test.MustBeClean();
    }

    /// <summary>Guards: what a write past the end that never returned left behind is not content, however the volume grows later.</summary>
    [Theory]
    [InlineData(4096, 2 * Block, Block)]
    [InlineData(512, 1024, 512)]
    [InlineData(4096, 3 * Chunk, Block)]
    public void A_write_past_the_end_that_was_cut_off_never_shows_when_the_volume_grows(int alignmentBytes, int offset, int length)
    {
        using TestPool test = TestPool.Create(16, alignmentBytes: alignmentBytes);
        using VolumeHandle volume = test.Volume("vm1", 512);
        volume.Write(0, TestPool.Pattern(1, 512));
        int first = test.Disk.IoCount;
        using AlignedBuffer data = new(length);
        TestPool.Pattern(2, length).CopyTo(data.Span);
        volume.Write(offset, data.Span);
        int last = test.Disk.IoCount;
        for (int io = first; io < last; io++)
        {
            using TestPool after = TestPool.Open(test.Disk.AfterKill(io));
            after.Pool.Find("vm1")!.SizeBytes.Should().Be(512, "the write did not return");
            after.Pool.Resize("vm1", 8 * Chunk);
            after.Read("vm1")[512..].Should().OnlyContain(b => b == 0, $"killed after I/O {io} of {first} to {last}");
        }
    }

    /// <summary>Guards: a write that failed, or was given up, leaves zeros behind the end, also where it would have gone in place.</summary>
    [Theory]
    [InlineData(true, 512)]
    [InlineData(false, 512)]
    [InlineData(true, 4096)]
    public void A_write_past_the_end_that_failed_never_shows_when_the_volume_grows(bool aborted, int alignmentBytes)
    {
        using TestPool test = TestPool.Create(4, alignmentBytes: alignmentBytes);
        using VolumeHandle volume = test.Volume("vm1", 512);
        byte[] content = TestPool.Pattern(1, 512);
        volume.Write(0, content);
        using AlignedBuffer data = new(1024);
        TestPool.Pattern(2, 1024).CopyTo(data.Span);
        if (aborted)
        {
            WriteOperation write = volume.RentWrite();
            volume.MapWrite(write, 1024, data.Span, new BlockingWaiter()).Should().Be(MapOutcome.Ready);
            write.Move(data.Span);
            volume.Return(write);
        }
        else
        {
            test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.ENOSPC) { PartialBytes = 512 });
            Record.Exception(() => volume.Write(1024, data.Span)).Should().BeOfType<StorageException>();
        }

        volume.SizeBytes.Should().Be(512);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Pool.Clone("vm1@s", "clone");
        volume.Resize(Block);
        test.Pool.Resize("clone", Block);
        test.Read("vm1").Should().Equal([.. content, .. new byte[Block - 512]]);
        test.Read("clone").Should().Equal([.. content, .. new byte[Block - 512]]);
    }
}
