using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool;

/// <summary>How a new pool is made.</summary>
public sealed record PoolCreateOptions
{
    /// <summary>Default chunk size, bytes.</summary>
    public const int DefaultChunkSizeBytes = 64 * 1024;

    /// <summary>Default pool size where no node says otherwise, bytes.</summary>
    public const long DefaultSizeBytes = 10L << 30;

    /// <summary>Data bytes of each node file that is created; null for <see cref="DefaultSizeBytes"/>. Existing files and block devices are used whole.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Node files or block devices; empty for one file inside the pool directory.</summary>
    public IReadOnlyList<string> NodePaths { get; init; } = [];

    /// <summary>Chunk size: a power of two from 4 KiB to 16 MiB.</summary>
    public int ChunkSizeBytes { get; init; } = DefaultChunkSizeBytes;

    /// <summary>Sizes of the exception table's files, which stay what they are; small ones let tests fill pages and segments with little work.</summary>
    internal ExceptionTableOptions Table { get; init; } = new();

    /// <summary>How it behaves, until that is changed.</summary>
    public PoolSettings Settings { get; init; } = new();

    /// <summary>What new node files take from the host filesystem now.</summary>
    public NodePreallocation Preallocation { get; init; } = NodePreallocation.Falloc;
}
