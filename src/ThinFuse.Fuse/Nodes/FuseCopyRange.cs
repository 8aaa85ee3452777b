namespace ThinFuse.Fuse.Nodes;

/// <summary>A copy_file_range(2) within the mount. The request's node is the source.</summary>
public readonly record struct FuseCopyRange
{
    /// <summary>The source's open file.</summary>
    public ulong SourceHandle { get; init; }

    /// <summary>Where to read, in bytes.</summary>
    public long SourceOffsetBytes { get; init; }

    /// <summary>The target's node.</summary>
    public ulong TargetNodeId { get; init; }

    /// <summary>The target's open file.</summary>
    public ulong TargetHandle { get; init; }

    /// <summary>Where to write, in bytes.</summary>
    public long TargetOffsetBytes { get; init; }

    /// <summary>How much, in bytes; may reach past the source's end. A shorter copy is a valid answer.</summary>
    public long LengthBytes { get; init; }
}
