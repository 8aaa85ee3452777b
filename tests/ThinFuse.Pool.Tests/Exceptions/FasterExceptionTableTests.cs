using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tests.Memory;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class FasterExceptionTableTests
{
    private readonly SimulatedDisk _disk = new();

    [Theory]
    [InlineData(2L << 20, 2L << 20, 256L << 10)]
    [InlineData((4L << 20) - 1, 2L << 20, 256L << 10)]
    [InlineData(64L << 20, 64L << 20, 8L << 20)]
    [InlineData(64L << 30, 64L << 30, 1L << 30)]
    public void Memory_is_shared_between_records_and_index(long bytes, long memoryBytes, long indexBytes)
    {
        ExceptionTableOptions options = ExceptionTableOptions.ForMemory(bytes);

        options.Validate();
        options.MemoryBytes.Should().Be(memoryBytes);
        options.IndexBytes.Should().Be(indexBytes);
    }

    [Fact]
    public void An_exception_is_found_where_it_was_put_and_nowhere_else()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        ChunkException exception = new(12345678901, 0x00ff, 0xff00);
        table.Put(7, 1000, exception);
        table.Get(7, 1000).Should().Be(exception);
        table.Get(7, 1001).IsEmpty.Should().BeTrue();
        table.Get(8, 1000).IsEmpty.Should().BeTrue();
        table.Get(7, 1000 + 32).IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Layer_and_chunk_reach_their_limits()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        ChunkException first = new(0, 1, 0);
        ChunkException last = new((1L << 40) - 2, ushort.MaxValue, 0, byte.MaxValue);
        table.Put(0, 0, first);
        table.Put(uint.MaxValue, long.MaxValue, last);
        table.Get(0, 0).Should().Be(first);
        table.Get(uint.MaxValue, long.MaxValue).Should().Be(last);
        table.Invoking(t => t.Get(0, -1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_group_without_exceptions_is_not_there()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        ChunkException[] group = new ChunkException[IExceptionTable.GroupChunks];
        table.GetGroup(1, 0, group).Should().BeFalse();
        table.Put(1, 5, new ChunkException(9, 1, 0));
        table.Put(1, 31, new ChunkException(10, 1, 0));
        table.Put(1, 5, default);
        table.GetGroup(1, 0, group).Should().BeTrue();
        group[31].Extent.Should().Be(10);
        table.Put(1, 31, default);
        table.GetGroup(1, 0, group).Should().BeFalse();
        group.Should().OnlyContain(exception => exception.IsEmpty);
        table.Put(1, 3, new ChunkException(11, 1, 0));
        table.GetGroup(1, 0, group).Should().BeTrue();
        group[5].IsEmpty.Should().BeTrue("removed exceptions do not come back with the group");
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 400)]
    [InlineData(3, 2000)]
    public void Random_puts_and_gets_agree_with_a_dictionary_also_when_the_table_outgrows_its_memory(int seed, int groupsPerLayer)
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        TableModel model = new(new Random(seed), layers: 3, groupsPerLayer);
        for (int round = 0; round < 20; round++)
        {
            model.PutSome(table, 600);
            model.RemoveGroups(table, 10);
            model.CheckSome(table, 300);
        }

        model.CheckAll(table, $"seed {seed}");
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 2000)]
    public void Neighbours_put_in_one_step_are_what_they_are_one_by_one(int seed, int groupsPerLayer)
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        TableModel model = new(new Random(seed), layers: 3, groupsPerLayer);
        for (int round = 0; round < 20; round++)
        {
            model.PutRanges(table, 100);
            model.CheckSome(table, 100);
        }

        model.CheckAll(table, $"seed {seed}");
    }

    [Fact]
    public void Neighbours_of_two_groups_are_refused()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        ChunkException[] exceptions = new ChunkException[2];
        table.Invoking(t => t.PutRange(1, 31, exceptions)).Should().Throw<ArgumentException>();
        table.Invoking(t => t.PutRange(1, 30, [])).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData(0, 0, 64 << 10)]
    [InlineData(33_000, 0, 512 << 10)]
    [InlineData(0, 33_000, 512 << 10)]
    [InlineData(37_449, 0, 512 << 10)]
    [InlineData(37_450, 0, 1 << 20)]
    [InlineData(262_144, 1000, 4 << 20)]
    [InlineData(long.MaxValue, 0, 8 << 20)]
    public void The_index_is_as_large_as_the_groups_want_and_the_options_allow(long expectedGroups, long groups, long indexBytes) =>
        (new ExceptionTableOptions() with { ExpectedGroups = expectedGroups }).IndexBytesFor(groups).Should().Be(indexBytes);

    [Theory]
    [InlineData(0, 4096, 16384, 4096)]
    [InlineData(16384, 4096, 16384, 4096)]
    [InlineData(32768, 5000, 16384, 4096)]
    [InlineData(32768, 4096, 2048, 4096)]
    [InlineData(32768, 4096, 16384, 2048)]
    public void Sizes_that_cannot_work_are_refused(long memoryBytes, long indexBytes, long segmentBytes, int pageBytes)
    {
        ExceptionTableOptions options = new()
        {
            MemoryBytes = memoryBytes,
            IndexBytes = indexBytes,
            SegmentBytes = segmentBytes,
            PageBytes = pageBytes,
        };
        FluentActions.Invoking(() => FasterExceptionTable.Create(_disk, TableSizes.Directory, options)).Should().Throw<ArgumentException>();
        _disk.Exists(TableSizes.Directory).Should().BeFalse();
    }

    [Fact]
    public void Nothing_is_allocated_per_get_or_put_in_memory()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Small);
        ChunkException[] group = new ChunkException[IExceptionTable.GroupChunks];
        PutAndGetAll();
        Allocations.LeastBytesOf(PutAndGetAll).Should().Be(0);

        void PutAndGetAll()
        {
            for (int chunk = 0; chunk < 10_000; chunk++)
            {
                table.Put(1, chunk, new ChunkException(chunk, 1, 0));
                table.Get(1, chunk);
                table.GetGroup(1, chunk / IExceptionTable.GroupChunks, group);
            }

            for (int chunk = 0; chunk < 10_000; chunk += 3)
            {
                table.Put(1, chunk, default);
            }
        }
    }

    [Fact]
    public void A_disposed_table_says_so()
    {
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        table.Dispose();
        table.Dispose();
        table.HasHeadroom.Should().BeFalse();
        table.Invoking(t => t.Get(0, 0)).Should().Throw<ObjectDisposedException>();
        table.Invoking(t => t.Put(0, 0, default)).Should().Throw<ObjectDisposedException>();
        table.Invoking(t => t.Checkpoint()).Should().Throw<ObjectDisposedException>();
    }
}
