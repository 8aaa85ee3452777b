using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>Paths as the mount table shows them.</summary>
internal static unsafe class CanonicalPath
{
    private const int LongestBytes = 4096;

    /// <summary>Follows all symbolic links (realpath).</summary>
    /// <exception cref="FuseMountException">The path cannot be followed.</exception>
    public static string Of(string path)
    {
        byte* resolved = stackalloc byte[LongestBytes];
        if (Libc.RealPath(path, resolved) == null)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new FuseMountException(errno, $"cannot follow {path}: {FuseErrno.Describe(errno)}");
        }

        return Marshal.PtrToStringUTF8((nint)resolved) ?? path;
    }
}
