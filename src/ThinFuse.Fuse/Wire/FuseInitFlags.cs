namespace ThinFuse.Fuse.Wire;

/// <summary>Features of INIT (FUSE_* init flags; the upper half travels in flags2). Bits not named here may be offered by the kernel.</summary>
[Flags]
public enum FuseInitFlags : ulong
{
    /// <summary>No feature.</summary>
    None = 0,

    /// <summary>Several reads of one file at once.</summary>
    AsyncRead = 1UL << 0,

    /// <summary>O_TRUNC is passed to OPEN. Never asked for: a truncating open arrives as OPEN and SETATTR.</summary>
    AtomicTruncate = 1UL << 3,

    /// <summary>Writes larger than one page.</summary>
    BigWrites = 1UL << 5,

    /// <summary>READDIRPLUS is understood.</summary>
    ReadDirectoryPlus = 1UL << 13,

    /// <summary>The kernel picks READDIRPLUS only where attributes were wanted.</summary>
    ReadDirectoryPlusAuto = 1UL << 14,

    /// <summary>Direct I/O is submitted in parallel.</summary>
    AsyncDirectIo = 1UL << 15,

    /// <summary>Buffered writes are acknowledged by the kernel. Never asked for: it would hide ENOSPC from the writer.</summary>
    WritebackCache = 1UL << 16,

    /// <summary>LOOKUP and READDIR of one directory run in parallel.</summary>
    ParallelDirectoryOperations = 1UL << 18,

    /// <summary>A read of an aborted connection answers ECONNABORTED.</summary>
    AbortError = 1UL << 21,

    /// <summary>The answer's max_pages counts.</summary>
    MaxPages = 1UL << 22,

    /// <summary>flags2 is present.</summary>
    Extended = 1UL << 30,

    /// <summary>Shared mappings of files opened with direct I/O.</summary>
    DirectIoAllowMmap = 1UL << 36,

    /// <summary>The kernel can send unanswered requests again.</summary>
    HasResend = 1UL << 39,

    /// <summary>Requests may travel over io_uring.</summary>
    OverIoUring = 1UL << 41,
}
