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
}
