using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>
/// Random promises, writes, snapshots and all else in a pool that is full most of the time. After every step free = total - owned - reserved, counted from
/// scratch; a promised write never fails, and a promise is refused exactly when there is no space for it.
/// </summary>
public sealed class PromiseModelTests(ITestOutputHelper output)
{
    private const int Steps = 1500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_promise_is_kept_and_the_accounting_is_exact(int seed)
    {
        output.WriteLine($"seed {seed}");
        using TestPool test = TestPool.Create(40, chunkBytes: 16 << 10, alignmentBytes: 512);
        PromiseModelRun run = new(test, seed);
        Random random = new(seed);
        Queue<string> trace = new();
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                trace.Enqueue(run.Step().What);
                run.MustHold($"step {step}");
                if (random.Next(40) == 0)
                {
                    trace.Enqueue("reopen");
                    Reopen(test, random);
                    run.CompareAll($"after step {step} and reopening");
                }
            }

            run.CompareAll("at the end");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {string.Join("; ", trace.TakeLast(30))}", e);
        }

        output.WriteLine($"{run.RefusedPromises} promises and {run.RefusedWrites} writes refused, {run.PromisedWrites} promised writes in a full pool");
        run.RefusedPromises.Should().BePositive();
        run.PromisedWrites.Should().BePositive();
    }

    private static void Reopen(TestPool test, Random random)
    {
        if (random.Next(2) == 0)
        {
            test.CloseAndReopen();
        }
        else
        {
            test.KillAndReopen();
        }
    }
}
