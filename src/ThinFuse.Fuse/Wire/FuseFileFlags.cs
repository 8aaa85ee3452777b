namespace ThinFuse.Fuse.Wire;

/// <summary>The caller's open(2) flags that mean the same on every Linux architecture. Other bits may be set.</summary>
[Flags]
public enum FuseFileFlags : uint
{
    /// <summary>O_RDONLY: the value of <see cref="AccessMask"/>'s bits when only reading is asked for.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>The bits that say reading or writing (O_ACCMODE).</summary>
    AccessMask = 3,

    /// <summary>O_EXCL: CREATE must fail with EEXIST when the name exists.</summary>
    Exclusive = 0x80,

    /// <summary>O_TRUNC: seen at CREATE only; an OPEN with it arrives as OPEN and then SETATTR with size 0.</summary>
    Truncate = 0x200,

    /// <summary>O_NONBLOCK: answer EAGAIN rather than wait.</summary>
    NonBlocking = 0x800,

    /// <summary>O_APPEND: the kernel has resolved the offset of each write already.</summary>
    Append = 0x400,
}
