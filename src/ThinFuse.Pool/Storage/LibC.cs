using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Pool.Storage;

/// <summary>The libc calls that storage is made of. Each reports its errno through <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class LibC
{
    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_CLOEXEC = 0x80000;
    internal const int AT_FDCWD = -100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const int SEEK_END = 2;
    internal const int SEEK_DATA = 3;
    internal const int FALLOC_FL_KEEP_SIZE = 0x01;
    internal const int FALLOC_FL_PUNCH_HOLE = 0x02;
    internal const int FALLOC_FL_WRITE_ZEROES = 0x80;
    internal const int F_SETFL = 4;
    internal const int LOCK_SH = 1;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int LOCK_UN = 8;
    internal const nuint BLKSSZGET = 0x1268;
    internal const nuint BLKGETSIZE64 = 0x80081272;
    internal const nuint BLKDISCARD = 0x1277;

    /// <summary>Arm kernels exchange the values of these two.</summary>
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    internal static int O_DIRECT => IsArm ? 0x10000 : 0x4000;

    internal static int O_DIRECTORY => IsArm ? 0x4000 : 0x10000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint PRead(SafeFileHandle file, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint PWrite(SafeFileHandle file, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int FAllocate(SafeFileHandle file, int mode, long offsetBytes, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int FTruncate(SafeFileHandle file, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(SafeFileHandle file, long offsetBytes, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int IoCtl(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatX(int directory, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", EntryPoint = "fstatvfs", SetLastError = true)]
    internal static partial int FStatVfs(SafeFileHandle file, FilesystemStatus* status);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int FStatFs(SafeFileHandle file, FilesystemType* status);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MkDir(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChMod(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int FChMod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OpenDir(string path);

    // The generated stub clears errno before the call, so that the end of a directory can be told from an error.
    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    internal static partial byte* ReadDir(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseDir(nint directory);

    /// <summary>Opens with O_CLOEXEC, again when a signal interrupts it.</summary>
    /// <returns>A valid handle, or null with the errno in <paramref name="errno"/>.</returns>
    internal static SafeFileHandle? TryOpen(string path, int flags, uint mode, out int errno)
    {
        int descriptor;
        do
        {
            descriptor = Open(path, flags | O_CLOEXEC, mode);
            errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (errno == Errno.EINTR);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }
}
