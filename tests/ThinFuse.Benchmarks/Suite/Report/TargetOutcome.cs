namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>What was wanted, and what was measured.</summary>
/// <param name="Title">Of what.</param>
/// <param name="Wanted">The bound.</param>
/// <param name="IsUpperBound">Whether less is better.</param>
/// <param name="Measured">What it is.</param>
/// <param name="Unit">Of both numbers; empty for ratios.</param>
internal sealed record TargetOutcome(string Title, double Wanted, bool IsUpperBound, double Measured, string Unit)
{
    /// <summary>Whether it is reached.</summary>
    public bool IsMet => IsUpperBound ? Measured <= Wanted : Measured >= Wanted;

    /// <summary>A ratio that is to be so large; null when it was not measured.</summary>
    public static TargetOutcome? AtLeast(string title, double wanted, double? measured) =>
        measured is { } value ? new TargetOutcome(title, wanted, IsUpperBound: false, value, "") : null;

    /// <summary>A number that is to be no larger; null when it was not measured.</summary>
    public static TargetOutcome? AtMost(string title, double wanted, double? measured, string unit) =>
        measured is { } value ? new TargetOutcome(title, wanted, IsUpperBound: true, value, unit) : null;
}
