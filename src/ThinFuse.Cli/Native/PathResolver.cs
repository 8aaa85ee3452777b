using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>realpath(3).</summary>
internal static partial class PathResolver
{
    /// <summary>The absolute path without symbolic links; null when it, or something on the way, does not exist or cannot be
    /// entered.</summary>
    public static string? TryResolve(string path)
    {
        nint resolved = RealPath(path, 0);
        if (resolved == 0)
        {
            return null;
        }

        try
        {
            return Marshal.PtrToStringUTF8(resolved);
        }
        finally
        {
            Free(resolved);
        }
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint pointer);
}
