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

    /// <summary>The device's medium is bad there.</summary>
    public const int ENODATA = 61;

    /// <summary>What the device has there fails its own checksum.</summary>
    public const int EILSEQ = 84;

    /// <summary>The device refused for reasons of its own.</summary>
    public const int EREMOTEIO = 121;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>The link to the device has been severed.</summary>
    public const int ENOLINK = 67;

    /// <summary>The program that served the file has given up.</summary>
    public const int ECONNABORTED = 103;

    /// <summary>The program that served the file is gone.</summary>
    public const int ENOTCONN = 107;

    /// <summary>The device was shut down.</summary>
    public const int ESHUTDOWN = 108;

    /// <summary>The server of the file no longer knows it.</summary>
    public const int ESTALE = 116;

    /// <summary>Whether an errno of a read or write says that the disk as a whole is gone.</summary>
    public static bool IsGone(int errno) => errno is ENXIO or ENODEV or ENOLINK or ECONNABORTED or ENOTCONN or ESHUTDOWN or ESTALE;

    /// <summary>Whether an errno says that the host has no room.</summary>
    public static bool IsNoSpace(int errno) => errno is ENOSPC or EDQUOT;

    /// <summary>Whether an errno of a read or write says that a place on the disk is bad, and not the disk as a whole.</summary>
    public static bool IsMediumError(int errno) => errno is EIO or ENODATA or EILSEQ or EREMOTEIO;

    /// <summary>The system's words for an errno, with its number.</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
