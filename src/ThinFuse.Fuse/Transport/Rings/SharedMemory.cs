using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>A mapping: of a ring's memory, or of fresh memory that the kernel reads and writes by address. Unmapped when disposed or unreachable.</summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private readonly nuint _lengthBytes;
    private nint _start;

    /// <summary>Maps a part of a ring's descriptor.</summary>
    /// <exception cref="FuseException">It cannot be mapped.</exception>
    public SharedMemory(nuint lengthBytes, int file, nint offsetBytes)
        : this(lengthBytes, Libc.MapShared | Libc.MapPopulate, file, offsetBytes)
    {
    }

    /// <summary>Maps zero pages, which cost memory only once they are touched.</summary>
    /// <exception cref="FuseException">There is no memory.</exception>
    public SharedMemory(nuint lengthBytes)
        : this(lengthBytes, Libc.MapFreshMemory, -1, 0)
    {
    }

    private SharedMemory(nuint lengthBytes, int flags, int file, nint offsetBytes)
    {
        _lengthBytes = lengthBytes;
        _start = Libc.Map(0, lengthBytes, Libc.ProtectReadWrite, flags, file, offsetBytes);
        if (_start == -1)
        {
            _start = 0;
            int errno = Marshal.GetLastPInvokeError();
            throw new FuseException(errno, $"cannot map {lengthBytes} bytes for a ring: {FuseErrno.Describe(errno)}");
        }
    }

    /// <summary>Unmaps what was dropped with a transport.</summary>
    ~SharedMemory() => Unmap();

    /// <summary>The first byte; page-aligned.</summary>
    public byte* Start => (byte*)_start;

    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
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
