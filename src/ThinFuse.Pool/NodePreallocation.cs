namespace ThinFuse.Pool;

/// <summary>
/// What a new node file takes from its host filesystem when it is made, in the words of qemu-img. A block device is always there as a whole.
/// </summary>
public enum NodePreallocation
{
    /// <summary>Nothing: the file is sparse, and the host may refuse a write that the pool has room for; the writer is told ENOSPC, or waits.</summary>
    Off,

    /// <summary>
    /// All of its space, at once. Space that is written for the first time still costs the host a change of its own metadata, at the write and at the
    /// next flush.
    /// </summary>
    Falloc,

    /// <summary>All of its space, written with zeros where the device cannot do that by itself: takes as long as writing the whole file.</summary>
    Full,
}
