using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Medians over the rounds.</summary>
internal sealed class Results(IReadOnlyList<Sample> samples)
{
    private readonly Dictionary<(string Workload, string Metric, string Subject), double> _medians = samples
        .GroupBy(sample => (sample.Workload, sample.Metric, sample.Subject))
        .ToDictionary(group => group.Key, group => Samples.Median([.. group.Select(sample => sample.Value)]));

    /// <summary>What was measured, in the order it was first met.</summary>
    public IReadOnlyList<(string Workload, string Metric, string Unit)> Rows { get; } =
        [.. samples.Select(sample => (sample.Workload, sample.Metric, sample.Unit)).Distinct()];

    /// <summary>With whom.</summary>
    public IReadOnlyList<string> Subjects { get; } = [.. samples.Select(sample => sample.Subject).Distinct()];

    /// <summary>A median; null when it was not measured.</summary>
    public double? Median(string workload, string metric, string subject) =>
        _medians.TryGetValue((workload, metric, subject), out double value) ? value : null;
}
