using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Engine;

/// <summary>What a new pool is made of.</summary>
/// <param name="SizeBytes">The size of its first file node; null when the nodes bring their own size.</param>
/// <param name="NodePaths">Files or block devices, absolute; empty for one file in the pool directory.</param>
/// <param name="ChunkSizeBytes">The unit of mapping.</param>
/// <param name="Preallocation">What new files take from the host filesystem at once.</param>
/// <param name="Settings">How it behaves; what is not given is as usual.</param>
internal sealed record PoolCreation(
    long? SizeBytes,
    IReadOnlyList<string> NodePaths,
    int ChunkSizeBytes,
    NodePreallocation Preallocation,
    PoolUpdateRequest Settings);
