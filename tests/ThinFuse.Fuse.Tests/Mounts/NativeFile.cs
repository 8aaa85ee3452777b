using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>System calls on files that .NET has no word for. Failures are negative errnos.</summary>
internal static partial class NativeFile
{
    public const int SeekData = 3;
    public const int SeekHole = 4;

    public static long Seek(SafeFileHandle file, long offset, int whence) => Result(LSeek(file, offset, whence));

    public static long Read(SafeFileHandle file, byte[] buffer, long offset) => Result(PRead(file, buffer, (nuint)buffer.Length, offset));

    public static long Write(SafeFileHandle file, byte[] buffer, long offset) => Result(PWrite(file, buffer, (nuint)buffer.Length, offset));

    public static long CopyRange(SafeFileHandle source, long sourceOffset, SafeFileHandle target, long targetOffset, long length) =>
        Result(CopyFileRange(source, ref sourceOffset, target, ref targetOffset, (nuint)length, 0));

    public static long SetAttribute(string path, string name, byte[] value) => Result(SetXAttr(path, name, value, (nuint)value.Length, 0));

    public static long GetAttribute(string path, string name, byte[] value) => Result(GetXAttr(path, name, value, (nuint)value.Length));

    public static long RemoveAttribute(string path, string name) => Result(RemoveXAttr(path, name));

    public static string[] ListAttributes(string path)
    {
        byte[] names = new byte[65536];
        int length = (int)Result(ListXAttr(path, names, (nuint)names.Length));
        return Encoding.UTF8.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    private static long Result(long result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PRead(SafeFileHandle file, [Out] byte[] buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PWrite(SafeFileHandle file, [In] byte[] buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(
        SafeFileHandle source, ref long sourceOffset, SafeFileHandle target, ref long targetOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetXAttr(string path, string name, [In] byte[] value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetXAttr(string path, string name, [Out] byte[] value, nuint size);

    [LibraryImport("libc", EntryPoint = "listxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ListXAttr(string path, [Out] byte[] names, nuint size);

    [LibraryImport("libc", EntryPoint = "removexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveXAttr(string path, string name);
}
