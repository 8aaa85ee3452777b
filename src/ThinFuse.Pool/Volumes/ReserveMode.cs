namespace ThinFuse.Pool.Volumes;

/// <summary>What a pool keeps ready for a volume. On disk: never renumber.</summary>
public enum ReserveMode : byte
{
    /// <summary>Nothing but the ranges that are provisioned.</summary>
    None = 0,

    /// <summary>Space for every write inside the volume's size: holes, and chunks that snapshots share.</summary>
    Full = 1,

    /// <summary>An amount that the volume's writes get when the pool has nothing else.</summary>
    Emergency = 2,
}
