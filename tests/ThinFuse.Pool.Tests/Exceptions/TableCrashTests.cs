using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableCrashTests
{
    private const int PowerCutSeeds = 3;

    /// <summary>
    /// The process dies, or the power goes, at every I/O of some checkpoints and purges. Until a purge is asked for the checkpoint before
    /// must recover too: nothing durable may name the new one yet.
    /// </summary>
    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 120)]
    public void Whatever_checkpoint_was_the_last_to_return_recovers_exactly_after_a_crash_at_any_io(int seed, int groups)
    {
        SimulatedDisk disk = new();
        TableModel model = new(new Random(seed), layers: 1, groups);
        List<Step> steps = [];
        using (FasterExceptionTable table = FasterExceptionTable.Create(disk, TableSizes.Directory, TableSizes.Tiny))
        {
            for (int round = 0; round < 6; round++)
            {
                model.PutSome(table, 700);
                Guid token = table.Checkpoint();
                steps.Add(new Step(token, disk.IoCount, model.Clone()));
                table.PurgeOtherCheckpoints(token);
            }
        }

        for (int ioCount = steps[0].ReturnedAt; ioCount <= disk.IoCount; ioCount++)
        {
            int last = steps.FindLastIndex(step => step.ReturnedAt <= ioCount);
            CheckAfterCrash(disk, ioCount, steps[last], $"seed {seed} crash after {ioCount} I/Os");
            if (last > 0 && ioCount == steps[last].ReturnedAt)
            {
                CheckAfterCrash(disk, ioCount, steps[last - 1], $"seed {seed} crash after {ioCount} I/Os, checkpoint before");
            }
        }
    }

    private static void CheckAfterCrash(SimulatedDisk disk, int ioCount, Step step, string because)
    {
        Check(disk.AfterKill(ioCount), step, because + ", killed");
        Check(disk.AfterKill(ioCount, tornBytes: 700), step, because + ", killed in a write");
        for (int seed = 0; seed < PowerCutSeeds; seed++)
        {
            Check(disk.AfterPowerCut(ioCount, seed), step, $"{because}, power cut {seed}");
        }
    }

    private static void Check(SimulatedDisk disk, Step step, string because)
    {
        TableModel model = step.Model.Clone();
        Guid token;
        using (FasterExceptionTable table = FasterExceptionTable.Recover(disk, TableSizes.Directory, step.Token, TableSizes.Tiny))
        {
            model.FirstDifference(table).Should().BeNull(because);
            table.HasHeadroom.Should().BeTrue(because);

            // Life goes on, over whatever the crash left behind.
            model.PutSome(table, 60);
            token = table.Checkpoint();
        }

        using (FasterExceptionTable table = FasterExceptionTable.Recover(disk.AfterPowerCut(disk.IoCount, 0), TableSizes.Directory, token, TableSizes.Tiny))
        {
            model.FirstDifference(table).Should().BeNull($"{because}, and then on");
        }
    }

    private sealed record Step(Guid Token, int ReturnedAt, TableModel Model);
}
