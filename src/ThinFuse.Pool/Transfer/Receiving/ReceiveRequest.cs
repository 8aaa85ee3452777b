using ThinFuse.Pool.Transfer.Format;

namespace ThinFuse.Pool.Transfer.Receiving;

/// <summary>What is to be received.</summary>
/// <param name="Target">The volume that it will be, vm1.</param>
/// <param name="SnapshotName">The part after the @ of the snapshot that it will be.</param>
/// <param name="ContentId">Its content.</param>
/// <param name="BaseId">The content that the stream changes; empty when it carries everything.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="StartBytes">The offset at which the stream begins: not 0 when it goes on with one that broke off.</param>
/// <param name="CreatedAt">When the snapshot was made in the pool that it comes from.</param>
/// <param name="Force">Whether what was written to the target since the base is given up, and the target may be open.</param>
public sealed record ReceiveRequest(
    string Target, string SnapshotName, Guid ContentId, Guid BaseId, long SizeBytes, long StartBytes, DateTimeOffset CreatedAt, bool Force)
{
    /// <summary>What a stream asks for.</summary>
    /// <param name="header">The stream's header.</param>
    /// <param name="target">The volume that it will be.</param>
    /// <param name="snapshotName">The part after the @; null for the one that it had.</param>
    /// <param name="force">See <see cref="Force"/>.</param>
    /// <exception cref="PoolException">Usage: the stream is of something that has no such name.</exception>
    public static ReceiveRequest Of(TransferHeader header, string target, string? snapshotName = null, bool force = false)
    {
        int at = header.Name.IndexOf('@', StringComparison.Ordinal);
        string name = snapshotName ?? (at >= 0 ? header.Name[(at + 1)..] : throw new PoolException(
            PoolErrorKind.Usage, $"the stream is of '{header.Name}', which is no snapshot; name it with VOLUME@NAME"));
        return new ReceiveRequest(target, name, header.ContentId, header.BaseId, header.SizeBytes, header.StartBytes, header.CreatedAt, force);
    }
}
