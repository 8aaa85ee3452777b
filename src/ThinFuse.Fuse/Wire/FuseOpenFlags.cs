namespace ThinFuse.Fuse.Wire;

/// <summary>How the kernel is to treat an open file: answered to OPEN, CREATE and OPENDIR (FOPEN_*).</summary>
[Flags]
public enum FuseOpenFlags : uint
{
    /// <summary>The page cache is used and emptied at open.</summary>
    None = 0,

    /// <summary>Bypasses the page cache: reads and writes arrive as the caller made them.</summary>
    DirectIo = 1 << 0,

    /// <summary>Keeps what the page cache holds from earlier opens.</summary>
    KeepCache = 1 << 1,

    /// <summary>lseek is refused with ESPIPE.</summary>
    NonSeekable = 1 << 2,

    /// <summary>Lets the kernel cache this directory's entries.</summary>
    CacheDirectory = 1 << 3,

    /// <summary>The file has no position at all.</summary>
    Stream = 1 << 4,

    /// <summary>No FLUSH is wanted at close.</summary>
    NoFlush = 1 << 5,

    /// <summary>Direct writes of one inode may run side by side, except those that extend it.</summary>
    ParallelDirectWrites = 1 << 6,
}
