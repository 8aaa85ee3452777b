using System.Runtime.InteropServices;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Paths without symbolic links.</summary>
internal static unsafe partial class RealPath
{
    private const int MaxPathBytes = 4096;

    /// <summary>Follows all symbolic links.</summary>
    /// <exception cref="PoolException">NotFound or Failed: it cannot be followed.</exception>
    public static string Of(string path)
    {
        byte* resolved = stackalloc byte[MaxPathBytes];
        if (Resolve(Path.GetFullPath(path), resolved) is null)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new PoolException(
                errno == Fuse.Wire.FuseErrno.ENOENT ? PoolErrorKind.NotFound : PoolErrorKind.Failed,
                $"{path}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }

        return Marshal.PtrToStringUTF8((nint)resolved)!;
    }

    /// <summary>Whether a real path is a directory's real path, or lies below it.</summary>
    public static bool IsWithin(string path, string directory) =>
        path == directory || path.StartsWith(directory.TrimEnd('/') + '/', StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* Resolve(string path, byte* resolved);
}
