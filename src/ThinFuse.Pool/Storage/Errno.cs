using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>The Linux errno values the engine speaks of (asm-generic/errno.h).</summary>
public static class Errno
{
    /// <summary>No such file.</summary>
    public const int ENOENT = 2;

    /// <summary>Interrupted by a signal.</summary>
    public const int EINTR = 4;

    /// <summary>I/O error.</summary>
    public const int EIO = 5;

    /// <summary>The file was not opened for this.</summary>
    public const int EBADF = 9;

    /// <summary>Another holds the lock.</summary>
    public const int EWOULDBLOCK = 11;

    /// <summary>No access.</summary>
    public const int EACCES = 13;

    /// <summary>In use.</summary>
    public const int EBUSY = 16;

    /// <summary>Exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>A part of the path is no directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>A directory, where a file is needed.</summary>
    public const int EISDIR = 21;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>There is nothing at or after that place.</summary>
    public const int ENXIO = 6;

    /// <summary>The device does not know this request.</summary>
    public const int ENOTTY = 25;

    /// <summary>Larger than the format allows.</summary>
    public const int EFBIG = 27;

    /// <summary>No space.</summary>
    public const int ENOSPC = 28;

    /// <summary>Read-only.</summary>
    public const int EROFS = 30;

    /// <summary>The filesystem or device cannot do this.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The user's quota is used up.</summary>
    public const int EDQUOT = 122;

    /// <summary>The system's words for an errno, with its number.</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
