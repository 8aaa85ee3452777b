using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>
/// Everything that a pool does with volumes and snapshots, in random order beside a model: after each step every file reads as its array, and what the pool
/// owns, keeps ready and would give back is counted anew. Streams go to and fro between it and a second pool of other chunks.
/// </summary>
/// <remarks><see cref="ModelSeeds"/> says how to run more.</remarks>
public sealed class WholeModelTests(ITestOutputHelper output)
{
    private const int Steps = 300;
    private const int StepsPerTrial = 25;
    private const int StepsPerFarStep = 3;

    private static readonly Shape[] Shapes =
    [
        new(16 << 10, 600, new()), new(64 << 10, 200, new()), new(4 << 10, 2500, new()),
        new(16 << 10, 40, new() { IsExact = true }), new(16 << 10, 80, new() { IsStrict = true, IsExact = true }),
        new(16 << 10, 600, new() { IsBackground = true }), new(16 << 10, 60, new() { IsBackground = true, IsExact = true }),
        new(16 << 10, 80, new() { IsBackground = true, IsStrict = true, IsExact = true }),
    ];

    [Fact]
    public void After_every_step_all_is_as_the_model_says() => ModelSeeds.Run(Shapes.Length, seed =>
    {
        Shape shape = Shapes[seed % Shapes.Length];
        PoolOpenOptions options = shape.Settings.IsBackground ? EngineOptions.Busy : EngineOptions.Quiet;
        using TestPool near = TestPool.Create(shape.Extents, shape.ChunkBytes, alignmentBytes: 512, options);
        near.Pool.Configure(settings => settings with { IsStrict = shape.Settings.IsStrict });
        using TestPool far = TestPool.Create(400, 32 << 10, alignmentBytes: 4096);
        StreamShelf shelf = new();
        Workload workload = Make(near, seed, shape.Settings, shelf);
        Workload beside = Make(far, seed + 1, new WorkloadSettings { MaxFiles = 6 }, shelf);
        workload.Run(Steps, step =>
        {
            workload.MustMatch($"step {step}");
            if (step % StepsPerTrial == 0 && !shape.Settings.IsBackground)
            {
                ExclusiveBytes.MustBeWhatDeletingGives(near);
            }

            if (step % StepsPerFarStep == 0)
            {
                beside.Step();
                workload.Note($"far: {beside.Last.What}");
            }
        });
        beside.MustMatch("at the end");
        output.WriteLine($"seed {seed}: {workload.Refused} steps refused for want of space");
    });

    private static Workload Make(TestPool test, int seed, WorkloadSettings settings, StreamShelf shelf)
    {
        WorkloadContext context = new(test, seed, settings);
        shelf.Add(context);
        return Mixes.Everything(context, shelf, new OriginImages(test.Disk, seed));
    }

    private sealed record Shape(int ChunkBytes, int Extents, WorkloadSettings Settings);
}
