namespace ThinFuse.Pool.Recovery;

/// <summary>Names inside a pool directory.</summary>
internal static class PoolLayout
{
    public const string JournalDirectory = "journal";
    public const string TableDirectory = "table";
    public const string NodeDirectory = "nodes";
    public const string ImagePrefix = "image-";
    public const string OwnershipPrefix = "owned-";

    /// <summary>The default file of a node.</summary>
    public static string NodeFile(int index) => $"{NodeDirectory}/n-{index}.data";
}
