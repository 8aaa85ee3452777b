using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableFaultTests
{
    private readonly SimulatedDisk _disk = new();

    public static TheoryData<int, int> Failures
    {
        get
        {
            TheoryData<int, int> failures = [];
            SimulatedIoKind[] kinds =
            [
                SimulatedIoKind.Write, SimulatedIoKind.Flush, SimulatedIoKind.Rename, SimulatedIoKind.SyncDirectory,
                SimulatedIoKind.Allocate, SimulatedIoKind.Create, SimulatedIoKind.Read,
            ];
            foreach (SimulatedIoKind kind in kinds)
            {
                failures.Add((int)kind, Errno.EIO);
                failures.Add((int)kind, Errno.ENOSPC);
            }

            return failures;
        }
    }

    /// <summary>Every I/O of a checkpoint fails once, in a run of its own.</summary>
    [Theory]
    [MemberData(nameof(Failures))]
    public void A_checkpoint_that_met_an_error_throws_and_the_one_before_recovers(int kinds, int errno)
    {
        SimulatedIoKind kind = (SimulatedIoKind)kinds;
        int failed = 0;
        bool hit = true;
        for (int skip = 0; hit; skip++)
        {
            SimulatedDisk disk = new();
            TableModel model = new(new Random(skip), layers: 1, groupsPerLayer: 120);
            TableModel kept;
            Guid token;
            Guid? later = null;
            using (FasterExceptionTable table = FasterExceptionTable.Create(disk, TableSizes.Directory, TableSizes.Tiny))
            {
                // The log is mostly dead, so that the checkpoint compacts too.
                model.PutSome(table, 2000);
                token = table.Checkpoint();
                table.PurgeOtherCheckpoints(token);
                kept = model.Clone();
                model.PutSome(table, 1500);
                SimulatedFault fault = disk.Inject(new SimulatedFault("*", kind, errno) { Skip = skip, PartialBytes = 512 });
                try
                {
                    later = table.Checkpoint();
                }
                catch (StorageException e)
                {
                    e.ErrorNumber.Should().Be(errno);
                    failed++;
                }

                hit = fault.Hits > 0;
                if (hit && kind is SimulatedIoKind.Write or SimulatedIoKind.Flush or SimulatedIoKind.Rename or SimulatedIoKind.Read)
                {
                    later.Should().BeNull($"{kind} {skip} failed");
                    table.Invoking(t => t.Put(0, 0, default)).Should().Throw<StorageException>("the fault stays");
                    table.Invoking(t => t.Checkpoint()).Should().Throw<StorageException>();
                    table.HasHeadroom.Should().BeFalse();
                }
            }

            SimulatedDisk after = disk.AfterKill(disk.IoCount);
            using (FasterExceptionTable recovered = FasterExceptionTable.Recover(after, TableSizes.Directory, token, TableSizes.Tiny))
            {
                kept.CheckAll(recovered, $"{kind} {skip} failed");
            }

            if (later is { } good)
            {
                using FasterExceptionTable recovered = FasterExceptionTable.Recover(
                    disk.AfterKill(disk.IoCount), TableSizes.Directory, good, TableSizes.Tiny);
                model.CheckAll(recovered, $"{kind} {skip} failed, but the checkpoint was said to be good");
            }
        }

        bool isRequestForSpace = kind is SimulatedIoKind.Allocate or SimulatedIoKind.Create;
        if (!isRequestForSpace)
        {
            failed.Should().BePositive("the checkpoint has such I/Os");
        }
    }

    [Theory]
    [InlineData((int)SimulatedIoKind.Write, Errno.EIO)]
    [InlineData((int)SimulatedIoKind.Write, Errno.ENOSPC)]
    [InlineData((int)SimulatedIoKind.Read, Errno.EIO)]
    public void A_log_that_cannot_be_written_or_read_shows_at_once_and_for_good_and_nothing_hangs(int kinds, int errno)
    {
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        TableModel model = new(new Random(3), layers: 1, groupsPerLayer: 1000);
        model.PutSome(table, 3000);
        _disk.Inject(new SimulatedFault("*/log.*", (SimulatedIoKind)kinds, errno) { IsSticky = true });
        model.Invoking(m => m.PutSome(table, 100_000)).Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(errno);
        table.Invoking(t => t.Get(0, 0)).Should().Throw<StorageException>();
        table.Invoking(t => t.GetGroup(0, 0, new ChunkException[IExceptionTable.GroupChunks])).Should().Throw<StorageException>();
        table.Invoking(t => t.Put(0, 0, default)).Should().Throw<StorageException>();
        table.Invoking(t => t.Checkpoint()).Should().Throw<StorageException>();
        table.HasHeadroom.Should().BeFalse();
        table.Dispose();
    }

    [Fact]
    public async Task Threads_that_wait_for_memory_are_woken_by_the_fault()
    {
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        using SimulatedHold hold = _disk.Hold("*/log.*", SimulatedIoKind.Write);
        _disk.Inject(new SimulatedFault("*/log.*", SimulatedIoKind.Write, Errno.EIO) { IsSticky = true });
        Task[] writers = [.. Enumerable.Range(0, 3).Select(writer => Task.Factory.StartNew(() => PutUntilItFails(table, (uint)writer), TaskCreationOptions.LongRunning))];
        hold.WaitUntilReached();
        hold.Release();
        await Task.WhenAll(writers);
        table.Dispose();
    }

    [Fact]
    public void A_log_that_cannot_be_read_at_recovery_is_an_io_error_and_no_damage()
    {
        Guid token;
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            new TableModel(new Random(4), layers: 1, groupsPerLayer: 300).PutSome(table, 2000);
            token = table.Checkpoint();
        }

        for (int skip = 0; skip < 3; skip++)
        {
            _disk.ClearFaults();
            _disk.Inject(new SimulatedFault("*/log.*", SimulatedIoKind.Read, Errno.EIO) { Skip = skip });
            FluentActions.Invoking(() => FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny))
                .Should().Throw<StorageException>();
        }

        _disk.ClearFaults();
        FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny).Dispose();
    }

    [Fact]
    public void A_create_that_fails_can_be_done_again()
    {
        for (int skip = 0; skip < 8; skip++)
        {
            SimulatedDisk disk = new();
            SimulatedFault fault = disk.Inject(new SimulatedFault("*", SimulatedIoKind.Any, Errno.EIO) { Skip = skip });
            FluentActions.Invoking(() => FasterExceptionTable.Create(disk, TableSizes.Directory, TableSizes.Tiny)).Should().Throw<StorageException>();
            fault.Hits.Should().Be(1);
            using FasterExceptionTable table = FasterExceptionTable.Create(disk, TableSizes.Directory, TableSizes.Tiny);
            table.HasHeadroom.Should().BeTrue();
        }
    }

    private static void PutUntilItFails(FasterExceptionTable table, uint layer)
    {
        FluentActions.Invoking(() =>
        {
            for (long group = 0; group < 1_000_000; group++)
            {
                table.Put(layer, group * IExceptionTable.GroupChunks, new ChunkException(group, 1, 0));
            }
        }).Should().Throw<StorageException>();
    }
}
