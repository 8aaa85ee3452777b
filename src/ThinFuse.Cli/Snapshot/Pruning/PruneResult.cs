namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>What a prune did, or would do.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="DryRun">Whether nothing was deleted.</param>
/// <param name="Kept">What is kept, newest first.</param>
/// <param name="Deleted">What is deleted, or would be, newest first.</param>
internal sealed record PruneResult(string Volume, bool DryRun, IReadOnlyList<PruneDecision> Kept, IReadOnlyList<string> Deleted);
