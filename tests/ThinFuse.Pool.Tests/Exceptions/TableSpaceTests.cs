using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableSpaceTests
{
    private const int RecordBytes = 344;
    private readonly SimulatedDisk _disk = new();

    private static long SegmentBytes => TableSizes.Tiny.SegmentBytes;

    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 400)]
    public void The_directory_stays_bounded_under_endless_overwrites(int seed, int groups)
    {
        TableModel model = new(new Random(seed), layers: 1, groups);
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        long liveBytes = groups * RecordBytes;
        long largestBytes = 0;
        for (int round = 0; round < 150; round++)
        {
            model.PutSome(table, 300);
            table.PurgeOtherCheckpoints(table.Checkpoint());
            largestBytes = Math.Max(largestBytes, DirectoryBytes());
            table.HasHeadroom.Should().BeTrue();
        }

        model.CheckAll(table, $"seed {seed}");
        long checkpointBytes = 4 * (64 << 10);
        largestBytes.Should().BeLessThan((4 * liveBytes) + (14 * SegmentBytes) + checkpointBytes);
    }

    [Fact]
    public void Headroom_ends_before_the_host_is_full_and_comes_back_with_space()
    {
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        _disk.CapacityBytes = 60 * SegmentBytes;
        long group = 0;
        while (table.HasHeadroom)
        {
            PutNext();
            (group * RecordBytes).Should().BeLessThan(60 * SegmentBytes, "the host was full long before");
        }

        // What is under way may still end, and the checkpoint may be taken.
        for (int i = 0; i < SegmentBytes / RecordBytes; i++)
        {
            PutNext();
        }

        Guid token = table.Checkpoint();
        table.PurgeOtherCheckpoints(token);
        table.HasHeadroom.Should().BeFalse("all records live");
        for (long i = 0; i < group; i++)
        {
            table.Get(1, i * IExceptionTable.GroupChunks).Extent.Should().Be(i);
        }

        _disk.CapacityBytes *= 2;
        table.PurgeOtherCheckpoints(table.Checkpoint());
        table.HasHeadroom.Should().BeTrue();
        table.Dispose();

        void PutNext()
        {
            table.Put(1, group * IExceptionTable.GroupChunks, new ChunkException(group, 1, 0));
            group++;
        }
    }

    [Fact]
    public void On_a_full_host_checkpoints_win_headroom_back_from_what_was_overwritten_or_removed()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        _disk.CapacityBytes = 60 * SegmentBytes;
        long group = 0;
        while (table.HasHeadroom)
        {
            table.Put(1, group * IExceptionTable.GroupChunks, new ChunkException(group, 1, 0));
            group++;
        }

        // Removing needs the log too, a segment's worth at a time.
        int rounds = 0;
        for (long removed = 0; removed < group - 10;)
        {
            for (int i = 0; i < 20 && removed < group - 10; i++, removed++)
            {
                table.Put(1, removed * IExceptionTable.GroupChunks, default);
            }

            table.PurgeOtherCheckpoints(table.Checkpoint());
            rounds++;
        }

        table.HasHeadroom.Should().BeTrue($"{rounds} checkpoints had a table of ten groups to compact");
        table.Get(1, (group - 1) * IExceptionTable.GroupChunks).Extent.Should().Be(group - 1);
        DirectoryBytes().Should().BeLessThan(25 * SegmentBytes);
    }

    [Fact]
    public void Going_on_without_headroom_ends_in_no_space_and_not_in_a_hang_and_the_checkpoint_is_safe()
    {
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        TableModel model = new(new Random(8), layers: 1, groupsPerLayer: 400);
        model.PutSome(table, 1500);
        Guid token = table.Checkpoint();
        table.PurgeOtherCheckpoints(token);
        TableModel kept = model.Clone();
        _disk.CapacityBytes = 40 * SegmentBytes;
        FluentActions.Invoking(() =>
        {
            for (long group = 0; group < 1_000_000; group++)
            {
                table.Put(9, group * IExceptionTable.GroupChunks, new ChunkException(group, 1, 0));
            }
        }).Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
        table.Dispose();
        using FasterExceptionTable recovered = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
        kept.CheckAll(recovered);
    }

    [Fact]
    public void A_checkpoint_without_space_for_itself_throws_and_can_be_taken_later()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        TableModel model = new(new Random(9), layers: 1, groupsPerLayer: 50);
        model.PutSome(table, 500);

        // The space for two was taken at creation, that for a third one is refused.
        SimulatedFault fault = _disk.Inject(new SimulatedFault("*.checkpoint", SimulatedIoKind.Allocate | SimulatedIoKind.Create, Errno.ENOSPC) { IsSticky = true });
        table.Checkpoint();
        fault.Hits.Should().BePositive();
        table.HasHeadroom.Should().BeTrue("there is space for the next one");
        Guid first = table.Checkpoint();
        table.HasHeadroom.Should().BeFalse();
        table.Invoking(t => t.Checkpoint()).Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
        model.PutSome(table, 100);
        model.CheckAll(table);
        _disk.ClearFaults();
        Guid second = table.Checkpoint();
        table.PurgeOtherCheckpoints(second);
        second.Should().NotBe(first);
        table.HasHeadroom.Should().BeTrue();
    }

    [Fact]
    public void Create_on_a_full_host_says_so()
    {
        _disk.CapacityBytes = 3 * SegmentBytes;
        FluentActions.Invoking(() => FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
            .Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
    }

    private long DirectoryBytes()
    {
        long bytes = 0;
        foreach (string name in _disk.List(TableSizes.Directory))
        {
            using IStorageFile file = _disk.Open($"{TableSizes.Directory}/{name}", StorageOpenMode.Read, StorageCaching.Cached);
            bytes += file.LengthBytes;
        }

        return bytes;
    }
}
