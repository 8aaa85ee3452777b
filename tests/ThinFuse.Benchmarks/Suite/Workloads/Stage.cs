using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>Workloads that find the file in the same state.</summary>
/// <param name="Prepare">Brings a subject's file into that state.</param>
/// <param name="Workloads">What is measured then, one after the other.</param>
internal sealed record Stage(Action<Subject, SuiteContext> Prepare, IReadOnlyList<Workload> Workloads)
{
    /// <summary>What is done with a subject when all has been measured; nothing by default.</summary>
    public Action<Subject> Finish { get; init; } = static _ => { };
}
