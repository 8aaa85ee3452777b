namespace ThinFuse.Fuse.Nodes;

/// <summary>What a name stands for: answered to LOOKUP, CREATE and MKNOD, and added to READDIRPLUS.</summary>
/// <remarks>
/// Each answer with a <see cref="NodeId"/> other than 0 gives the kernel one lookup reference, which it drops with a FORGET.
/// </remarks>
public readonly record struct FuseEntry
{
    /// <summary>
    /// The node's identifier in later requests. 0 answers LOOKUP with "no such name" and lets the kernel remember that for
    /// <see cref="EntryValidity"/>; in READDIRPLUS it gives the name without its attributes.
    /// </summary>
    public ulong NodeId { get; init; }

    /// <summary>Tells apart nodes that have the same <see cref="NodeId"/> one after the other.</summary>
    public ulong Generation { get; init; }

    /// <summary>How long the kernel may trust the name.</summary>
    public TimeSpan EntryValidity { get; init; }

    /// <summary>How long the kernel may trust the attributes.</summary>
    public TimeSpan AttributesValidity { get; init; }

    /// <summary>The node's attributes.</summary>
    public FuseAttributes Attributes { get; init; }
}
