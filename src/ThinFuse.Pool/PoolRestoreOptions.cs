namespace ThinFuse.Pool;

/// <summary>How metadata is built from a dump.</summary>
public sealed record PoolRestoreOptions
{
    /// <summary>
    /// Where the nodes are, in the order of their numbers: as many as the dump has. Empty for the paths in the dump; those that are relative begin at the
    /// new pool directory.
    /// </summary>
    public IReadOnlyList<string> NodePaths { get; init; } = [];

    /// <summary>Takes nodes whose label cannot be read, or says that they belong to another pool or place.</summary>
    public bool Force { get; init; }
}
