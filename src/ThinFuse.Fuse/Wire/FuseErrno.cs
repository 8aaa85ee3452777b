using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire;

/// <summary>Linux errno values that a FUSE file system answers with (asm-generic/errno.h). All positive.</summary>
public static class FuseErrno
{
    /// <summary>Not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file.</summary>
    public const int ENOENT = 2;

    /// <summary>Interrupted by a signal.</summary>
    public const int EINTR = 4;

    /// <summary>I/O error.</summary>
    public const int EIO = 5;

    /// <summary>No such device or address; LSEEK answers it past the last data.</summary>
    public const int ENXIO = 6;

    /// <summary>Bad file descriptor, or not open for this.</summary>
    public const int EBADF = 9;

    /// <summary>Try again.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory.</summary>
    public const int ENOMEM = 12;

    /// <summary>No access.</summary>
    public const int EACCES = 13;

    /// <summary>Bad address.</summary>
    public const int EFAULT = 14;

    /// <summary>In use.</summary>
    public const int EBUSY = 16;

    /// <summary>Exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>Across two file systems.</summary>
    public const int EXDEV = 18;

    /// <summary>No such device; a read of the FUSE device answers it once the mount is gone.</summary>
    public const int ENODEV = 19;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Is a directory.</summary>
    public const int EISDIR = 21;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files.</summary>
    public const int ENFILE = 23;

    /// <summary>The ioctl means nothing here.</summary>
    public const int ENOTTY = 25;

    /// <summary>Larger than a file may be.</summary>
    public const int EFBIG = 27;

    /// <summary>No space.</summary>
    public const int ENOSPC = 28;

    /// <summary>Read-only.</summary>
    public const int EROFS = 30;

    /// <summary>The result does not fit the caller's buffer.</summary>
    public const int ERANGE = 34;

    /// <summary>A name is too long.</summary>
    public const int ENAMETOOLONG = 36;

    /// <summary>Not implemented. The kernel remembers this answer for many operations and does not ask again.</summary>
    public const int ENOSYS = 38;

    /// <summary>Not empty.</summary>
    public const int ENOTEMPTY = 39;

    /// <summary>No such extended attribute.</summary>
    public const int ENODATA = 61;

    /// <summary>The value does not fit the type.</summary>
    public const int EOVERFLOW = 75;

    /// <summary>Too many users.</summary>
    public const int EUSERS = 87;

    /// <summary>Not a socket.</summary>
    public const int ENOTSOCK = 88;

    /// <summary>Not supported.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The FUSE connection was aborted.</summary>
    public const int ECONNABORTED = 103;

    /// <summary>Not connected: the server of a mount has gone.</summary>
    public const int ENOTCONN = 107;

    /// <summary>Timed out.</summary>
    public const int ETIMEDOUT = 110;

    /// <summary>The node is no longer known.</summary>
    public const int ESTALE = 116;

    /// <summary>The system's words for an errno, with its number.</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
