using System.Text.Json.Serialization;

namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>What becomes of a snapshot.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was taken.</param>
/// <param name="Reasons">Why it is kept; empty when it is to be deleted.</param>
internal sealed record PruneDecision(string Name, DateTimeOffset CreatedAt, IReadOnlyList<string> Reasons)
{
    [JsonIgnore]
    public bool IsKept => Reasons.Count != 0;
}
