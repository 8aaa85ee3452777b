namespace ThinFuse.Pool.Storage;

/// <summary>What the host has given a file, and what it can still give.</summary>
/// <param name="FilesystemId">Files with the same number draw on the same space.</param>
/// <param name="AvailableBytes">What this user can still get on that filesystem; <see cref="long.MaxValue"/> where that has no meaning.</param>
/// <param name="BackedBytes">What the file occupies, bookkeeping of the host included; for a block device its length.</param>
public readonly record struct HostSpace(ulong FilesystemId, long AvailableBytes, long BackedBytes);
