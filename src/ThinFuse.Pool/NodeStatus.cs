namespace ThinFuse.Pool;

/// <summary>One node as status shows it.</summary>
/// <param name="Id">Such as n-0.</param>
/// <param name="Type">file or block.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="StartBytes">Offset of the first extent.</param>
/// <param name="SizeBytes">Bytes of extents.</param>
/// <param name="AllocatedBytes">Bytes of extents in use.</param>
/// <param name="State">online; stalled: it does not answer, and what is on it waits; or failed: it is gone, and what is on it gets EIO.</param>
public sealed record NodeStatus(
    string Id, string Type, string Path, long StartBytes, long SizeBytes, long AllocatedBytes, string State);
