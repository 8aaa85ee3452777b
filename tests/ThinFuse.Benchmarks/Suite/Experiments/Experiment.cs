using ThinFuse.Benchmarks.Suite.Report;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>Something to measure with ThinFuse alone.</summary>
internal abstract class Experiment(string id)
{
    /// <summary>What its workloads' names begin with, for <c>--only</c>.</summary>
    public string Id { get; } = id;

    /// <summary>Measures as many rounds as make sense, in a directory of its own that is empty before and removed afterwards.</summary>
    public abstract void Run(ExperimentContext context, Recorder recorder);
}
