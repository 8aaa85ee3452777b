using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>What .NET's files cannot: O_DIRECT and reflink copies.</summary>
internal static partial class LinuxFile
{
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const nuint CloneFile = 0x40049409; // FICLONE

    private static int Direct => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary>Opens with O_DIRECT for reading and writing; null when the filesystem has no such thing.</summary>
    public static SafeFileHandle? TryOpenDirect(string path)
    {
        int descriptor = Open(path, ReadWrite | CloseOnExec | Direct, 0);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Opens with O_DIRECT for reading and writing.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static SafeFileHandle OpenDirect(string path) =>
        TryOpenDirect(path) ?? throw new IOException($"{path} cannot be opened with O_DIRECT: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary>Makes a file an instant copy of another, on filesystems that share extents.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Clone(SafeFileHandle source, SafeFileHandle target)
    {
        if (Control((int)target.DangerousGetHandle(), CloneFile, (nint)source.DangerousGetHandle()) < 0)
        {
            throw new IOException($"FICLONE: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Makes a file's data durable, and of its attributes what reading needs.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void FlushData(SafeFileHandle file)
    {
        if (Synchronize((int)file.DangerousGetHandle()) < 0)
        {
            throw new IOException($"fdatasync: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Bytes that a file holds on its filesystem.</summary>
    public static long AllocatedBytes(string path) =>
        long.Parse(Shell.Run(CancellationToken.None, "stat", "--format=%b", path), CultureInfo.InvariantCulture) * 512;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, nint argument);
}
