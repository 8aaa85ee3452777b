using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>
/// Random operations on deep chains beside plain arrays, with everything known to the map before every step: whatever a step fails to make the map forget
/// is read afterwards. The pool is small, so that an extent that is given back is soon somebody else's.
/// </summary>
public sealed class ResolvedModelTests(ITestOutputHelper output)
{
    private const int Steps = 600;

    [Theory]
    [InlineData(1, 16 << 10, 1 << 20)]
    [InlineData(2, 16 << 10, 128)]
    [InlineData(3, 16 << 10, 3 * 128)]
    [InlineData(4, 64 << 10, 1 << 20)]
    [InlineData(5, 64 << 10, 4 * 128)]
    [InlineData(6, 4 << 10, 1 << 20)]
    [InlineData(7, 4 << 10, 16 * 128)]
    [InlineData(8, 16 << 10, 8 * 128)]
    [InlineData(9, 16 << 10, 1 << 20)]
    [InlineData(10, 16 << 10, 1 << 20)]
    public void Every_file_reads_as_the_model_says_through_a_warm_map(int seed, int chunkBytes, int mapBytes)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, map {mapBytes}");
        using TestPool test = TestPool.Create(
            (3 << 20) / chunkBytes, chunkBytes, options: EngineOptions.Quiet with { ResolvedMapBytes = mapBytes });
        ResolvedModelRun run = new(test, seed);
        for (int step = 0; step < Steps; step++)
        {
            string what = run.Step();
            PoolContent.MustMatch(test.Pool, run.Model.Files, $"seed {seed}, step {step}: {what}");
        }

        test.MustBeClean();
        test.KillAndReopen();
        PoolContent.MustMatch(test.Pool, run.Model.Files, $"seed {seed}, after a kill");
        output.WriteLine($"{run.Refused} steps refused for space; deepest chain {run.Deepest}");
        run.Deepest.Should().BeGreaterThan(4);
    }
}
