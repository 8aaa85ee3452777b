using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableCheckpointTests
{
    private readonly SimulatedDisk _disk = new();

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 60)]
    [InlineData(3, 900)]
    public void Recovery_gives_exactly_what_the_checkpoint_held_again_and_again(int seed, int groupsPerLayer)
    {
        Random random = new(seed);
        TableModel model = new(random, layers: 2, groupsPerLayer);
        FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        for (int round = 0; round < 30; round++)
        {
            model.PutSome(table, random.Next(400));
            model.RemoveGroups(table, random.Next(5));
            Guid token = table.Checkpoint();
            if (random.Next(3) > 0)
            {
                table.PurgeOtherCheckpoints(token);
            }

            if (random.Next(2) == 0)
            {
                // What comes after the checkpoint is gone with the process.
                TableModel lost = model.Clone();
                lost.PutSome(table, random.Next(300));
                table.Dispose();
                table = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
            }

            model.CheckAll(table, $"seed {seed} round {round}");
        }

        table.Dispose();
    }

    [Fact]
    public void An_empty_table_can_be_checkpointed_and_recovered()
    {
        Guid token;
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            token = table.Checkpoint();
        }

        using (FasterExceptionTable table = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny))
        {
            table.Get(0, 0).IsEmpty.Should().BeTrue();
            table.Put(0, 0, new ChunkException(1, 1, 0));
            token = table.Checkpoint();
        }

        using FasterExceptionTable again = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
        again.Get(0, 0).Extent.Should().Be(1);
    }

    [Fact]
    public void An_earlier_checkpoint_is_exact_however_much_came_after_it()
    {
        TableModel model = new(new Random(11), layers: 2, groupsPerLayer: 300);
        TableModel then;
        Guid token;
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            model.PutSome(table, 3000);
            token = table.Checkpoint();
            table.PurgeOtherCheckpoints(token);
            then = model.Clone();
            for (int i = 0; i < 5; i++)
            {
                model.PutSome(table, 2000);
                table.Checkpoint();
            }

            model.CheckAll(table);
        }

        using FasterExceptionTable recovered = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
        then.CheckAll(recovered);
        _disk.List(TableSizes.Directory).Count(name => TableFiles.IsCheckpoint(name, out _)).Should().Be(1);
        recovered.PurgeOtherCheckpoints(recovered.Checkpoint());
        then.CheckAll(recovered);
    }

    [Fact]
    public async Task Replaying_whole_values_from_before_the_checkpoint_gives_the_exact_state()
    {
        const int PutsBeside = 4000;
        Random random = new(5);
        (long Chunk, ChunkException Value)[] journal =
            [.. Enumerable.Range(0, PutsBeside).Select(_ => (random.NextInt64(32 * 100), random.Next(3) == 0 ? default : TableModel.AnyException(random)))];
        Dictionary<long, ChunkException> expected = [];
        Guid token = default;
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            using ManualResetEventSlim half = new();
            Task checkpoint = Task.Factory.StartNew(
                () =>
                {
                    half.Wait();
                    token = table.Checkpoint();
                },
                TaskCreationOptions.LongRunning);
            for (int i = 0; i < PutsBeside; i++)
            {
                table.Put(3, journal[i].Chunk, journal[i].Value);
                if (i == PutsBeside / 2)
                {
                    half.Set();
                }
            }

            await checkpoint;
        }

        using FasterExceptionTable recovered = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
        for (int i = PutsBeside / 2; i < PutsBeside; i++)
        {
            recovered.Put(3, journal[i].Chunk, journal[i].Value);
        }

        foreach ((long chunk, ChunkException value) in journal)
        {
            expected[chunk] = value;
        }

        foreach ((long chunk, ChunkException value) in expected)
        {
            recovered.Get(3, chunk).Should().Be(value);
        }
    }

    [Fact]
    public void Memory_and_index_may_differ_from_start_to_start_but_page_and_segment_may_not()
    {
        TableModel model = new(new Random(12), layers: 1, groupsPerLayer: 500);
        Guid token;
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            model.PutSome(table, 4000);
            token = table.Checkpoint();
        }

        ExceptionTableOptions larger = TableSizes.Tiny with { MemoryBytes = 1 << 20, IndexBytes = 64 << 10 };
        using (FasterExceptionTable table = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, larger))
        {
            model.CheckAll(table);
            model.PutSome(table, 2000);
            token = table.Checkpoint();
        }

        FluentActions.Invoking(() => FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny with { SegmentBytes = 32 << 10 }))
            .Should().Throw<ArgumentException>();
        using FasterExceptionTable smaller = FasterExceptionTable.Recover(_disk, TableSizes.Directory, token, TableSizes.Tiny);
        model.CheckAll(smaller);
    }

    [Fact]
    public void A_checkpoint_that_is_not_there_cannot_be_kept()
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        Guid token = table.Checkpoint();
        table.Invoking(t => t.PurgeOtherCheckpoints(Guid.NewGuid())).Should().Throw<ArgumentException>();
        table.PurgeOtherCheckpoints(token);
    }
}
