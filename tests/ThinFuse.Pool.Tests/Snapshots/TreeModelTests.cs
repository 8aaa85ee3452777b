using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Trees;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Snapshots;

/// <summary>
/// Random trees of snapshots, writable ones, clones, rollbacks, flattened volumes and deletions beside random writes: after each step every file reads as
/// its array, and what the pool says that deleting gives back is what it gives back.
/// </summary>
public sealed class TreeModelTests(ITestOutputHelper output)
{
    private const int ChunkBytes = 16 << 10;
    private const int Steps = 240;
    private const int StepsPerTrial = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_file_reads_as_the_model_says_and_exclusive_bytes_are_what_deleting_gives_back(int seed)
    {
        output.WriteLine($"seed {seed}");
        using TestPool test = TestPool.Create(1024, ChunkBytes, alignmentBytes: 512);
        Workload workload = Mixes.OfTrees(new WorkloadContext(test, seed, new WorkloadSettings { MaxVolumeBytes = 12 * ChunkBytes }));
        workload.Run(Steps, step =>
        {
            workload.MustMatch($"step {step}");
            if (step % StepsPerTrial == 0)
            {
                ExclusiveBytes.MustBeWhatDeletingGives(test);
            }
        });
    }
}
