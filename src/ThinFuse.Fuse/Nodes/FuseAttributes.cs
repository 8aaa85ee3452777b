namespace ThinFuse.Fuse.Nodes;

/// <summary>The attributes of a node, as stat(2) shows them.</summary>
public readonly record struct FuseAttributes
{
    /// <summary>Inode number shown to users (st_ino).</summary>
    public ulong Inode { get; init; }

    /// <summary>Length in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Space held, in units of 512 bytes (st_blocks).</summary>
    public long Blocks512 { get; init; }

    /// <summary>Last read.</summary>
    public FuseTimestamp AccessTime { get; init; }

    /// <summary>Last change of the content.</summary>
    public FuseTimestamp ModificationTime { get; init; }

    /// <summary>Last change of content or attributes.</summary>
    public FuseTimestamp ChangeTime { get; init; }

    /// <summary>Type (<see cref="Wire.FuseMode"/>) and permission bits.</summary>
    public uint Mode { get; init; }

    /// <summary>Number of names.</summary>
    public uint Links { get; init; }

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Device number, of device nodes only.</summary>
    public uint Device { get; init; }

    /// <summary>Preferred I/O size in bytes (st_blksize).</summary>
    public uint BlockSizeBytes { get; init; }
}
