using System.Runtime.InteropServices;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>
/// The memory of a request that is read from the device: a head page, and right after it the data area. A message is received at the
/// end of the head page so that the data of a WRITE begin exactly at the data area. The answer's out header and body are built
/// at the start of the head page, which no received message reaches.
/// </summary>
internal sealed unsafe class DeviceRequestMemory : FuseRequestMemory
{
    /// <summary>A received WRITE up to its data: in header and fuse_write_in.</summary>
    public const int WriteHeadBytes = 80;

    /// <summary>The longest message that can be received.</summary>
    public const int ReceiveCapacityBytes = WriteHeadBytes + FuseRequest.DataCapacityBytes;

    /// <summary>Head page and data area: how far one memory is from the next in a slab.</summary>
    public const int LengthBytes = PageBytes + FuseRequest.DataCapacityBytes;

    private readonly byte* _start;
    private DeviceRequestSlab? _slab;

    /// <summary>Is made by a slab, of which it takes a part.</summary>
    /// <param name="slab">Gets the part back, and keeps it mapped until then.</param>
    /// <param name="start">The part: page-aligned, <see cref="LengthBytes"/> long.</param>
    public DeviceRequestMemory(DeviceRequestSlab slab, byte* start)
        : base(start + sizeof(OutHeader), start + PageBytes)
    {
        _slab = slab;
        _start = start;

        // Every page is there from the start. A page that is missing when the kernel copies a request costs a fault, which is refused to a thread that is
        // being killed: the request would fail with EIO, where otherwise it is kept for a successor.
        NativeMemory.Clear(start, LengthBytes);
    }

    /// <summary>Where the out header is built, right before the body.</summary>
    public OutHeader* OutHeader => (OutHeader*)_start;

    /// <summary>Where a message is received.</summary>
    public byte* Message => Data - WriteHeadBytes;

    public override void Dispose() => Interlocked.Exchange(ref _slab, null)?.Return(_start);
}
