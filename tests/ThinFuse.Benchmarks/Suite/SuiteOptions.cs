using System.Text.RegularExpressions;

namespace ThinFuse.Benchmarks.Suite;

/// <summary>What a run measures, and how long.</summary>
/// <param name="Rounds">How often everything is measured; medians are taken over them.</param>
/// <param name="SizeBytes">Size of the volumes.</param>
/// <param name="RuntimeSeconds">Length of one measurement that goes by time.</param>
/// <param name="Only">What is measured; null for all.</param>
/// <param name="Subjects">Names of what is compared.</param>
/// <param name="ThinFuseProgram">The built command line program.</param>
/// <param name="WorkDirectory">Where files and mounts are; made, and removed at the end.</param>
/// <param name="OutputDirectory">Where the results go.</param>
internal sealed record SuiteOptions(
    int Rounds,
    long SizeBytes,
    double RuntimeSeconds,
    Regex? Only,
    IReadOnlyList<string> Subjects,
    string ThinFuseProgram,
    string WorkDirectory,
    string OutputDirectory)
{
    /// <summary>Whether a measurement is asked for.</summary>
    public bool Wants(string workload) => Only?.IsMatch(workload) ?? true;
}
