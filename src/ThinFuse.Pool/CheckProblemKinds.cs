namespace ThinFuse.Pool;

/// <summary>The sorts of <see cref="CheckProblem"/>; scripts compare with these words.</summary>
public static class CheckProblemKinds
{
    /// <summary>The image of nodes, layers and volumes is not what was written.</summary>
    public const string Image = "image";

    /// <summary>The exception table's files are not what was written.</summary>
    public const string Table = "table";

    /// <summary>The journal misses a record, or holds one that does not fit.</summary>
    public const string Journal = "journal";

    /// <summary>A node is missing, too short, or not the pool's.</summary>
    public const string Node = "node";

    /// <summary>An extent has two owners, does not exist, or counts as free.</summary>
    public const string Extent = "extent";

    /// <summary>The masks of an exception contradict each other.</summary>
    public const string Mask = "mask";

    /// <summary>A layer is not linked as it says, or its counter is wrong.</summary>
    public const string Layer = "layer";

    /// <summary>A layer's list of groups misses one that has exceptions.</summary>
    public const string Groups = "groups";

    /// <summary>A volume's name, size or layer cannot be.</summary>
    public const string Volume = "volume";

    /// <summary>The counts of extents do not add up.</summary>
    public const string Accounting = "accounting";
}
