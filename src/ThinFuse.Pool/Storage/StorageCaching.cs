namespace ThinFuse.Pool.Storage;

/// <summary>Which way the bytes go.</summary>
public enum StorageCaching
{
    /// <summary>Through the page cache: survives the death of the process without an fsync.</summary>
    Cached,

    /// <summary>O_DIRECT; falls back to the page cache, with alignment 1, on filesystems that refuse it.</summary>
    Direct,
}
