namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>One number that was measured.</summary>
/// <param name="Round">In which round, from 1.</param>
/// <param name="Workload">Of what.</param>
/// <param name="Metric">What was counted.</param>
/// <param name="Unit">In which unit.</param>
/// <param name="Subject">Of whom.</param>
/// <param name="Value">The number.</param>
internal sealed record Sample(int Round, string Workload, string Metric, string Unit, string Subject, double Value);
