using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>A mapping: of a ring's memory, or of fresh memory that the kernel reads and writes by address. Unmapped when disposed or unreachable.</summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    /// <summary>Fresh memory begins at a multiple of it: a huge page of x86-64, and of arm64 with pages of 4 KiB.</summary>
    public const int HugePageBytes = 2 << 20;

    private readonly nuint _lengthBytes;
    private nint _start;

    /// <summary>How much of it whole huge pages can hold.</summary>
    private nuint HugeBytes => _lengthBytes & ~((nuint)HugePageBytes - 1);

    /// <summary>Maps a part of a ring's descriptor.</summary>
    /// <exception cref="FuseException">It cannot be mapped.</exception>
    public SharedMemory(nuint lengthBytes, int file, nint offsetBytes)
    {
        _lengthBytes = lengthBytes;
        _start = Map(lengthBytes, Libc.MapShared | Libc.MapPopulate, file, offsetBytes);
    }

    /// <summary>Maps zero pages, which cost memory only once they are touched.</summary>
    /// <exception cref="FuseException">There is no memory.</exception>
    public SharedMemory(nuint lengthBytes)
    {
        _lengthBytes = lengthBytes;
        nuint mappedBytes = lengthBytes + HugePageBytes;
        nint mapped = Map(mappedBytes, Libc.MapFreshMemory, -1, 0);
        _start = (mapped + HugePageBytes - 1) & -(nint)HugePageBytes;
        Trim(mapped, _start - mapped);
        nint end = _start + (nint)((lengthBytes + FuseRequestMemory.PageBytes - 1) & ~((nuint)FuseRequestMemory.PageBytes - 1));
        Trim(end, mapped + (nint)mappedBytes - end);
    }

    /// <summary>Unmaps what was dropped with a transport.</summary>
    ~SharedMemory() => Unmap();

    /// <summary>The first byte; page-aligned.</summary>
    public byte* Start => (byte*)_start;

    /// <summary>
    /// Has what is touched from now on come in huge pages, as many as fit and the system has. A large read or write of a file is then one request to its disk,
    /// where one of small pages is cut to as many pages as a disk's request may have (254 on virtio), and each of them costs time. But a single byte then costs
    /// a whole one.
    /// </summary>
    public void PreferHugePages()
    {
        // A kernel without huge pages refuses, and small ones do as well, slower.
        _ = Libc.Advise(_start, HugeBytes, Libc.AdviseHugePages);
    }

    /// <summary>
    /// <see cref="PreferHugePages"/> for what has been touched, too. What it holds stays, whoever reads or writes it meanwhile. Blocks for some milliseconds; for
    /// any thread.
    /// </summary>
    /// <returns>False when a part is in the hands of a disk: it may be tried again.</returns>
    public bool TryGatherHugePages()
    {
        PreferHugePages();
        bool isDone = true;
        for (nuint at = 0; at < HugeBytes; at += HugePageBytes)
        {
            // Refused for good: what nobody has touched, which comes as a huge page when it is, and by a system that has none left.
            isDone &= Libc.Advise(_start + (nint)at, HugePageBytes, Libc.CollapseToHugePage) == 0 || Marshal.GetLastPInvokeError() != FuseErrno.EAGAIN;
        }

        return isDone;
    }

    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
    }

    private static nint Map(nuint lengthBytes, int flags, int file, nint offsetBytes)
    {
        nint start = Libc.Map(0, lengthBytes, Libc.ProtectReadWrite, flags, file, offsetBytes);
        int errno = start == -1 ? Marshal.GetLastPInvokeError() : 0;
        return errno == 0 ? start : throw new FuseException(errno, $"cannot map {lengthBytes} bytes: {FuseErrno.Describe(errno)}");
    }

    private static void Trim(nint start, nint lengthBytes)
    {
        if (lengthBytes != 0)
        {
            // Where it is refused, addresses are lost, and no memory.
            _ = Libc.Unmap(start, (nuint)lengthBytes);
        }
    }

    private void Unmap()
    {
        if (Interlocked.Exchange(ref _start, 0) is not 0 and nint start)
        {
            // Of a mapping of our own this cannot fail.
            _ = Libc.Unmap(start, _lengthBytes);
        }
    }
}
