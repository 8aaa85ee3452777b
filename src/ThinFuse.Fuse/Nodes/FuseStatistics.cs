namespace ThinFuse.Fuse.Nodes;

/// <summary>The file system's statistics, as statfs(2) and df show them.</summary>
public readonly record struct FuseStatistics
{
    /// <summary>Unit of the block counts, in bytes (f_frsize and f_bsize).</summary>
    public uint BlockSizeBytes { get; init; }

    /// <summary>All blocks.</summary>
    public ulong Blocks { get; init; }

    /// <summary>Free blocks.</summary>
    public ulong FreeBlocks { get; init; }

    /// <summary>Free blocks that a user without privileges may take.</summary>
    public ulong AvailableBlocks { get; init; }

    /// <summary>All inodes.</summary>
    public ulong Files { get; init; }

    /// <summary>Free inodes.</summary>
    public ulong FreeFiles { get; init; }

    /// <summary>The longest name, in bytes.</summary>
    public uint MaxNameBytes { get; init; }
}
