using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Native;

/// <summary>System calls for io_uring. The C library has no functions of its own for three of them; their numbers are the same on every architecture.</summary>
internal static unsafe partial class Libc
{
    public const int ProtectReadWrite = 3;
    public const int MapShared = 1;
    public const int MapPopulate = 0x8000;

    /// <summary>MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE: zero pages, which cost memory once they are touched.</summary>
    public const int MapFreshMemory = 0x2 | 0x20 | 0x4000;

    /// <summary>MADV_HUGEPAGE: what is touched from now on comes in huge pages, where there are any.</summary>
    public const int AdviseHugePages = 14;

    /// <summary>MADV_COLLAPSE: the pages of a range move into a huge one, now (Linux 6.1).</summary>
    public const int CollapseToHugePage = 25;

    public const uint EnterGetEvents = 1;
    public const uint RegisterFiles = 2;
    public const uint RegisterEnableRings = 12;
    public const uint RegisterMostWorkers = 19;

    /// <summary>EFD_CLOEXEC | EFD_NONBLOCK.</summary>
    public const int EventDescriptorFlags = 0x80000 | 0x800;

    /// <summary>RWF_NOWAIT: EAGAIN (or EOPNOTSUPP) where the call would have to wait for a disk or a lock.</summary>
    public const int DoNotWait = 8;

    private const nint SetupNumber = 425;
    private const nint EnterNumber = 426;
    private const nint RegisterNumber = 427;

    /// <summary>io_uring_setup: a ring's descriptor.</summary>
    public static int RingSetup(uint entryCount, void* parameters) => (int)SystemCall(SetupNumber, (nint)entryCount, (nint)parameters, 0, 0, 0, 0);

    /// <summary>io_uring_enter: submits, waits for completions; the result is how many were submitted.</summary>
    public static int RingEnter(int ring, uint submitCount, uint waitCount, uint flags) =>
        (int)SystemCall(EnterNumber, ring, (nint)submitCount, (nint)waitCount, (nint)flags, 0, 0);

    /// <summary>io_uring_register.</summary>
    public static int RingRegister(int ring, uint what, void* argument, uint count) =>
        (int)SystemCall(RegisterNumber, ring, (nint)what, (nint)argument, (nint)count, 0, 0);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint lengthBytes, int protection, int flags, int file, nint offsetBytes);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint lengthBytes);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint lengthBytes, int advice);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, void* buffer, nuint lengthBytes);

    [LibraryImport(Library, EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint ReadAt(int file, IoVector* vectors, int count, long offsetBytes, int flags);

    [LibraryImport(Library, EntryPoint = "pwritev2", SetLastError = true)]
    public static partial nint WriteAt(int file, IoVector* vectors, int count, long offsetBytes, int flags);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
