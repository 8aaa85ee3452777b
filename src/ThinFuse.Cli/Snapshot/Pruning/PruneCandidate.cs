namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>A snapshot that a policy decides on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was taken.</param>
/// <param name="Holds">Who holds it.</param>
/// <param name="IsWritable">Whether somebody may have written to it: then it is no copy of the past, and always kept.</param>
internal sealed record PruneCandidate(string Name, DateTimeOffset CreatedAt, IReadOnlyList<string> Holds, bool IsWritable = false);
