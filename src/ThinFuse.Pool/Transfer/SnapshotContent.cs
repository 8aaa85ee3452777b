namespace ThinFuse.Pool.Transfer;

/// <summary>What a snapshot holds, in terms that hold in every pool.</summary>
/// <param name="Name">Its name in this pool.</param>
/// <param name="ContentId">Random, given once: whatever has it, here or elsewhere, has the same bytes.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record SnapshotContent(string Name, Guid ContentId, long SizeBytes, DateTimeOffset CreatedAt);
