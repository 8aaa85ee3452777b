using System.Diagnostics;
using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>
/// A workload of everything is run once; then the pool is opened as if the process had died, or the power had gone, after every I/O of it: names, sizes,
/// promises, holds and what is being received are those of one of the states that the contract allows, each sector is of one of them, the copying of origins
/// and everything else goes on, and no extent is lost or owned twice.
/// </summary>
/// <remarks><see cref="ModelSeeds"/> says how to run more.</remarks>
public sealed class WholeCrashTests(ITestOutputHelper output)
{
    private const int StepCount = 60;

    [Fact]
    public void After_a_crash_at_every_io_all_is_as_the_model_allows() => ModelSeeds.Run(2, seed =>
    {
        PoolOpenOptions options = seed % 2 == 0 ? EngineOptions.QuietOnPlainTable : EngineOptions.Quiet;
        using TestPool test = TestPool.Create(seed % 2 == 0 ? 250 : 40, 16 << 10, alignmentBytes: 512, options);
        WorkloadSettings settings = new() { IsExact = true, MaxFiles = 8 };
        StreamShelf shelf = new();
        OriginImages images = new(test.Disk, seed);
        Workload workload = Mixes.Everything(new WorkloadContext(test, seed, settings), shelf, images);
        CrashLog log = new(seed, options, (survivor, held) => Mixes.Everything(new WorkloadContext(survivor, seed, settings, held), shelf.Copy(), images));
        Stopwatch watch = Stopwatch.StartNew();
        log.Run(workload, StepCount);
        log.VerifyEveryIo(test.Disk);
        output.WriteLine($"seed {seed}: {log.StateCount} states in {watch.Elapsed.TotalSeconds:f1} s, {workload.Refused} steps refused for want of space");
    });
}
