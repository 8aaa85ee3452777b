namespace ThinFuse.Pool;

/// <summary>What an extent is used for.</summary>
public enum ExtentState
{
    /// <summary>Nobody's: the next write may take it.</summary>
    Free,

    /// <summary>A layer's.</summary>
    Owned,

    /// <summary>Held by a write under way, or freed and waiting for a commit.</summary>
    Waiting,

    /// <summary>Out of use for good, because the disk below it is bad.</summary>
    Retired,
}
