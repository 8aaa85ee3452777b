namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>All that is measured with ThinFuse alone.</summary>
internal static class ExperimentCatalog
{
    private const long Million = 1L << 20;

    public static IReadOnlyList<Experiment> All { get; } =
    [
        new CommandStartExperiment(),
        new ChunkSizeExperiment(),
        new DepthExperiment(),
        new CloneExperiment(),
        new LargeTableExperiment("1m", Million),
        new LargeTableExperiment("16m", 16 * Million),
    ];
}
