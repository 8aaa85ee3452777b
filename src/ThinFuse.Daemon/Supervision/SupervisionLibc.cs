using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Supervision;

/// <summary>The system calls of supervision. A result of -1 leaves the errno in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class SupervisionLibc
{
    public const int AddressFamilyUnix = 1;
    public const int SequencedPacket = 5;
    public const int CloseOnExec = 0x80000;
    public const int SocketLevel = 1;
    public const int RightsMessage = 1;
    public const int MessageCloseOnExec = 0x40000000;
    public const int MessageNoSignal = 0x4000;
    public const int MessageTruncated = 0x20 | 0x8;
    public const int SetDescriptorFlags = 2;
    public const int Interrupted = 4;
    public const int BrokenPipe = 32;
    public const int ConnectionReset = 104;

    /// <summary>MFD_CLOEXEC.</summary>
    public const uint MemoryCloseOnExec = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeFileHandle socket, NativeMessage* message, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint Receive(SafeFileHandle socket, NativeMessage* message, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(SafeFileHandle file, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);
}
