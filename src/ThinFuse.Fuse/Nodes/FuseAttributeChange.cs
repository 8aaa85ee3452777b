namespace ThinFuse.Fuse.Nodes;

/// <summary>What a SETATTR wants changed; null means "stays as it is".</summary>
public readonly record struct FuseAttributeChange
{
    /// <summary>The open file through which the change comes (ftruncate), if any.</summary>
    public ulong? Handle { get; init; }

    /// <summary>New length in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>New mode; the type bits are those the node has.</summary>
    public uint? Mode { get; init; }

    /// <summary>New owner.</summary>
    public uint? UserId { get; init; }

    /// <summary>New group.</summary>
    public uint? GroupId { get; init; }

    /// <summary>New access time.</summary>
    public FuseTimeChange AccessTime { get; init; }

    /// <summary>New modification time.</summary>
    public FuseTimeChange ModificationTime { get; init; }

    /// <summary>New change time; the kernel gives it only to a file system that keeps its own.</summary>
    public FuseTimeChange ChangeTime { get; init; }
}
