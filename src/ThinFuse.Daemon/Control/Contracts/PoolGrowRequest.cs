namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes a pool larger; exactly one of the two is given.</summary>
/// <param name="SizeBytes">The new size of all nodes together; the pool's last file node grows. The size it has already changes
/// nothing.</param>
/// <param name="NodePath">A file or block device to add as a node, absolute.</param>
public sealed record PoolGrowRequest(long? SizeBytes = null, string? NodePath = null);
