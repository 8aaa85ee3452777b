using ThinFuse.Pool.Tests.Trees;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Random operations beside plain arrays, many and large: whatever the order, every file reads as its array, and the rules of the pool hold.</summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Steps = 4000;
    private const int StepsPerComparison = 50;

    [Theory]
    [InlineData(1, 64 << 10, 512)]
    [InlineData(2, 64 << 10, 4096)]
    [InlineData(3, 16 << 10, 512)]
    [InlineData(4, 4 << 10, 512)]
    [InlineData(5, 256 << 10, 4096)]
    public void Every_file_reads_as_the_model_says(int seed, int chunkBytes, int alignmentBytes)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, alignment {alignmentBytes}");
        using TestPool test = TestPool.Create((64 << 20) / chunkBytes, chunkBytes, alignmentBytes);
        WorkloadSettings settings = new() { MaxFiles = 12, MaxVolumeBytes = 2 << 20, MaxWriteBytes = 300_000 };
        Workload workload = Mixes.OfData(new WorkloadContext(test, seed, settings));
        workload.Run(Steps, step =>
        {
            if (step % StepsPerComparison == 0)
            {
                workload.MustMatch($"step {step}");
            }
        });
        workload.MustMatch("at the end");
    }
}
