namespace ThinFuse.Pool.Differences;

/// <summary>A range in which two files differ, as long as can be: neighbours of one kind are one range.</summary>
/// <param name="OffsetBytes">Where it begins, a multiple of the block size.</param>
/// <param name="LengthBytes">How long it is, a multiple of the block size unless the file ends first.</param>
/// <param name="Kind">What the later file has there.</param>
public readonly record struct ChangedRange(long OffsetBytes, long LengthBytes, RangeKind Kind);
