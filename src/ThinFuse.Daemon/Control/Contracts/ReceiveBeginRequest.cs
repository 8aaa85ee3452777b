namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Begins to receive a snapshot, or goes on with one that broke off.</summary>
/// <param name="Target">The volume that it will be.</param>
/// <param name="SnapshotName">The part after the @ of the snapshot that it will be.</param>
/// <param name="ContentId">Its content.</param>
/// <param name="BaseId">The content that the stream changes; empty when it carries everything.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="StartBytes">The offset at which the stream begins.</param>
/// <param name="CreatedAt">When the snapshot was made in the pool that it comes from.</param>
/// <param name="Force">Whether what was written to the target since the base is given up, and the target may be open.</param>
public sealed record ReceiveBeginRequest(
    string Target, string SnapshotName, Guid ContentId, Guid BaseId, long SizeBytes, long StartBytes, DateTimeOffset CreatedAt, bool Force);
