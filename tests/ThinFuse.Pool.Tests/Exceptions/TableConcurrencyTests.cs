using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableConcurrencyTests
{
    private const int Writers = 4;
    private readonly SimulatedDisk _disk = new();

    /// <summary>Writers own chunks of the same groups; every value they put ties its parts together, so that a mix of two shows.</summary>
    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 600)]
    public async Task Writers_of_the_same_groups_lose_nothing_and_readers_see_no_torn_exception_beside_checkpoints_too(int seed, int groups)
    {
        using FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny);
        long[][] last = [.. Enumerable.Range(0, Writers).Select(_ => new long[groups * IExceptionTable.GroupChunks / Writers])];
        using CancellationTokenSource done = new();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Factory.StartNew(() => Read(reader), TaskCreationOptions.LongRunning))];
        Task checkpoints = Task.Factory.StartNew(Checkpoint, TaskCreationOptions.LongRunning);
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Factory.StartNew(() => Write(writer), TaskCreationOptions.LongRunning))];
        await Task.WhenAll(writers);
        await done.CancelAsync();
        await Task.WhenAll([.. readers, checkpoints]);
        for (int writer = 0; writer < Writers; writer++)
        {
            for (int i = 0; i < last[writer].Length; i++)
            {
                table.Get(0, ((long)i * Writers) + writer).Should().Be(Value(last[writer][i]), $"seed {seed} writer {writer} place {i}");
            }
        }

        void Write(int writer)
        {
            Random random = new((seed * 100) + writer);
            for (int i = 0; i < 20_000; i++)
            {
                int place = random.Next(last[writer].Length);
                last[writer][place] = random.Next(5) == 0 ? 0 : random.NextInt64(1, 1L << 32);
                table.Put(0, ((long)place * Writers) + writer, Value(last[writer][place]));
            }
        }

        void Read(int reader)
        {
            Random random = new((seed * 1000) + reader);
            ChunkException[] group = new ChunkException[IExceptionTable.GroupChunks];
            while (!done.IsCancellationRequested)
            {
                IsWhole(table.Get(0, random.NextInt64((long)groups * IExceptionTable.GroupChunks))).Should().BeTrue();
                bool found = table.GetGroup(0, random.Next(groups), group);
                group.Should().OnlyContain(exception => IsWhole(exception));
                group.Any(exception => !exception.IsEmpty).Should().Be(found);
            }
        }

        void Checkpoint()
        {
            while (!done.IsCancellationRequested)
            {
                table.PurgeOtherCheckpoints(table.Checkpoint());
            }
        }
    }

    private static ChunkException Value(long number) => number == 0 ? default : new ChunkException(number, Mark(number), (ushort)~Mark(number));

    private static bool IsWhole(ChunkException exception) => exception.Equals(Value(exception.HasExtent ? exception.Extent : 0));

    private static ushort Mark(long number) => (ushort)((number ^ (number >> 16)) | 1);
}
