namespace ThinFuse.Pool.Volumes;

/// <summary>How a volume is rolled back.</summary>
/// <param name="DiscardCurrent">Whether its present state is given up, instead of kept as a snapshot.</param>
/// <param name="Force">Whether it may be open: those who have it open see the new content from then on.</param>
/// <param name="KeepAs">The part after the @ in the name of the snapshot that keeps the present state; null for before-rollback-TIME, in UTC.</param>
public sealed record RollbackOptions(bool DiscardCurrent = false, bool Force = false, string? KeepAs = null);
