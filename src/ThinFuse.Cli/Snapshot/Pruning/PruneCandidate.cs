namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>A snapshot that a policy decides on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was taken.</param>
/// <param name="Holds">Who holds it.</param>
/// <param name="Id">Grows with each that is made: which is newer, whatever the clock said; 0 where it is not known.</param>
/// <param name="IsWritable">Whether somebody may have written to it: then it is no copy of the past, and always kept.</param>
internal sealed record PruneCandidate(string Name, DateTimeOffset CreatedAt, IReadOnlyList<string> Holds, ulong Id = 0, bool IsWritable = false);
