namespace ThinFuse.Pool.Nodes;

/// <summary>What the metadata says of a node.</summary>
/// <param name="Index">0 to 254; part of every extent's address.</param>
/// <param name="Path">Absolute, or relative to the pool directory.</param>
/// <param name="ExtentCount">Extents on it, at most 2^32 - 2.</param>
public sealed record NodeRecord(byte Index, string Path, long ExtentCount);
