using System.Runtime.InteropServices;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>
/// The native memory of one request: a head page, and right after it the page-aligned data area. A message is received at the
/// end of the head page so that the data of a WRITE begin exactly at the data area. The answer's out header and body are built
/// at the start of the head page, which no received message reaches.
/// </summary>
internal sealed unsafe class FuseRequestMemory : IDisposable
{
    public const int PageBytes = 4096;

    /// <summary>A received WRITE up to its data: in header and fuse_write_in.</summary>
    public const int WriteHeadBytes = 80;

    /// <summary>The longest message that can be received.</summary>
    public const int ReceiveCapacityBytes = WriteHeadBytes + FuseRequest.DataCapacityBytes;

    private byte* _start = (byte*)NativeMemory.AlignedAlloc(PageBytes + FuseRequest.DataCapacityBytes, PageBytes);

    /// <summary>Frees the memory of a request that was dropped with a transport.</summary>
    ~FuseRequestMemory() => Dispose();

    /// <summary>Where the out header is built.</summary>
    public OutHeader* OutHeader => (OutHeader*)_start;

    /// <summary>Where the answer's body is built, right after the out header.</summary>
    public byte* Body => _start + sizeof(OutHeader);

    /// <summary>Where a message is received.</summary>
    public byte* Message => _start + PageBytes - WriteHeadBytes;

    /// <summary>The data area.</summary>
    public byte* Data => _start + PageBytes;

    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
        GC.SuppressFinalize(this);
    }
}
