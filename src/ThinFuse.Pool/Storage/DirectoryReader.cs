using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>readdir(3), with its errors.</summary>
internal static unsafe class DirectoryReader
{
    /// <summary>Where d_name starts in struct dirent of a 64-bit Linux.</summary>
    private const int NameOffset = 19;

    /// <summary>The names in a directory, without <c>.</c> and <c>..</c>; empty when it does not exist.</summary>
    internal static IReadOnlyList<string> List(string directory)
    {
        nint stream = LibC.OpenDir(directory);
        if (stream == 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == Errno.ENOENT ? [] : throw new StorageException(errno, "list", directory);
        }
        try
        {
            List<string> names = [];
            byte* entry;
            while ((entry = LibC.ReadDir(stream)) is not null)
            {
                if (Marshal.PtrToStringUTF8((nint)(entry + NameOffset)) is { } name and not ("." or ".."))
                {
                    names.Add(name);
                }
            }
            int end = Marshal.GetLastPInvokeError();
            return end == 0 ? names : throw new StorageException(end, "list", directory);
        }
        finally
        {
            // Fails only for a stream that is not open.
            _ = LibC.CloseDir(stream);
        }
    }
}
