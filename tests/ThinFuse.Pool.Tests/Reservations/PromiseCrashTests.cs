using System.Diagnostics;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>
/// A script of promises, writes and snapshots is run once; then the pool is opened as if the process had died, or the power had gone, after every I/O: each
/// promise whose call had returned is there, and never more is promised than there is.
/// </summary>
public sealed class PromiseCrashTests(ITestOutputHelper output)
{
    private const int Chunk = 16 << 10;
    private const int StepCount = 60;

    [Theory]
    [InlineData(21, 30)]
    [InlineData(22, 30)]
    [InlineData(23, 16)]
    [InlineData(24, 16)]
    public void Promises_are_as_durable_as_the_calls_that_made_them(int seed, int poolChunks)
    {
        List<Step> steps = [];
        int firstIo;
        int refused;
        SimulatedDisk disk;
        using (TestPool test = TestPool.Create(poolChunks, Chunk, alignmentBytes: 512, EngineOptions.QuietOnPlainTable))
        {
            disk = test.Disk;
            firstIo = disk.IoCount;
            PromiseModelRun run = new(test, seed, refusesPunches: true);
            steps.Add(new Step("open", disk.IoCount, disk.IoCount, true, [], run.Promises.Copy()));
            for (int i = 0; i < StepCount; i++)
            {
                int start = disk.IoCount;
                (string what, bool isDurable) = run.Step();
                steps.Add(new Step(what, start, disk.IoCount, isDurable, [.. run.Content.Files.Keys], run.Promises.Copy()));
            }

            refused = run.RefusedPromises;
        }

        Stopwatch watch = Stopwatch.StartNew();
        for (int io = firstIo; io <= steps[^1].EndIo; io++)
        {
            int acknowledged = steps.FindLastIndex(step => step.EndIo <= io);
            int durable = steps.FindLastIndex(step => step.IsDurable && step.EndIo <= io);
            int begun = acknowledged + 1 < steps.Count && steps[acknowledged + 1].StartIo <= io ? acknowledged + 1 : acknowledged;
            Verify(disk.AfterKill(io), steps[acknowledged..(begun + 1)], $"seed {seed}, killed after I/O {io}");
            Verify(disk.AfterPowerCut(io, (seed * 1_000_003) + io), steps[durable..(begun + 1)], $"seed {seed}, power cut after I/O {io}");
        }

        output.WriteLine($"seed {seed}: {refused} promises refused, {steps[^1].EndIo - firstIo} I/Os in {watch.Elapsed.TotalSeconds:f1} s");
    }

    private static void Verify(SimulatedDisk crashed, IReadOnlyList<Step> allowed, string when)
    {
        string between = $"{when}, between '{allowed[0].What}' and '{allowed[^1].What}'";
        using ThinPool pool = ThinPool.Open(crashed, EngineOptions.QuietOnPlainTable);
        string[] names = [.. pool.Volumes(withExclusive: false).Select(info => info.Name)];
        Step? state = allowed.FirstOrDefault(step => step.Names.SequenceEqual(names) && step.Promises.Describes(pool));
        state.Should().NotBeNull($"what is promised is what it was before or after a call ({between})");
        state!.Promises.MustHold(pool, 64, between);
        pool.Check().Problems.Should().BeEmpty(between);
    }

    private sealed record Step(string What, int StartIo, int EndIo, bool IsDurable, string[] Names, PromiseModel Promises);
}
