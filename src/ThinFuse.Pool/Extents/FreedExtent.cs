namespace ThinFuse.Pool.Extents;

/// <summary>An extent nobody owns any more but which may not be used again yet.</summary>
/// <param name="Extent">Its address.</param>
/// <param name="Sequence">The journal record that freed it must be durable first.</param>
/// <param name="Epoch">Operations that began in this epoch must have ended first.</param>
internal readonly record struct FreedExtent(long Extent, long Sequence, long Epoch);
