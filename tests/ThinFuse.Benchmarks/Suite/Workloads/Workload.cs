using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite.Workloads;

/// <summary>Something to measure with every subject.</summary>
internal abstract class Workload(string id)
{
    /// <summary>Its name in tables, and for <c>--only</c>.</summary>
    public string Id { get; } = id;

    /// <summary>Whether it can be measured with a subject at all.</summary>
    public virtual bool Suits(Subject subject) => true;

    /// <summary>Measures once.</summary>
    public abstract void Run(Subject subject, SuiteContext context, Recorder recorder);
}
