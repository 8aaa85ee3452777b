namespace ThinFuse.Pool.Differences;

/// <summary>What a range of a file holds.</summary>
public enum RangeKind
{
    /// <summary>Some layer, or what lies below all of them, has bytes for it.</summary>
    Data,

    /// <summary>It reads as zero and takes no space.</summary>
    Zero,
}
