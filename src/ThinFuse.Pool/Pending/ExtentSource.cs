namespace ThinFuse.Pool.Pending;

/// <summary>Where the extent of a chunk that is not promised may come from.</summary>
internal enum ExtentSource
{
    /// <summary>Nowhere: others wait for space and come first.</summary>
    None,

    /// <summary>What is free.</summary>
    Free,

    /// <summary>What is free, or else the volume's emergency amount: the pool has nothing else.</summary>
    Emergency,
}
