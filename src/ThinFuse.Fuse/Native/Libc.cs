using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Native;

/// <summary>The system calls used, as the C library offers them. A result of -1 leaves the errno in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class Libc
{
    public const int OpenReadWrite = 0x2;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenDoNotWait = 0x800;
    public const int SetStatusFlags = 4;
    public const ulong MountNoSetIds = 2;
    public const ulong MountNoDevices = 4;
    public const int UnmountForce = 1;
    public const int UnmountDetach = 2;
    public const int UnmountNoFollow = 8;
    public const short PollIn = 1;
    public const int AddressFamilyUnix = 1;
    public const int SocketStream = 1;
    public const int SocketSequencedPacket = 5;
    public const int SocketCloseOnExec = 0x80000;
    public const int SocketLevel = 1;
    public const int RightsMessage = 1;
    public const int MessageDoNotWait = 0x40;
    public const int MessageCloseOnExec = 0x40000000;
    public const int ShutdownBoth = 2;
    public const int SetDescriptorFlags = 2;

    /// <summary>_IOR(229, 0, uint32_t): attaches a fresh /dev/fuse descriptor to another's connection.</summary>
    public const uint CloneDevice = 0x8004E500;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, byte* buffer, nuint lengthBytes);

    [LibraryImport(Library, EntryPoint = "writev", SetLastError = true)]
    public static partial nint WriteVector(SafeFileHandle file, IoVector* vectors, int count);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int file, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int file, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(SafeFileHandle file, nuint request, int* argument);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUserId();

    [LibraryImport(Library, EntryPoint = "getegid")]
    public static partial uint GetEffectiveGroupId();

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(SafeFileHandle socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(SafeFileHandle socket, int how);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(SafeFileHandle file, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* RealPath(string path, byte* resolved);

    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatFs(string path, byte* result);
}
