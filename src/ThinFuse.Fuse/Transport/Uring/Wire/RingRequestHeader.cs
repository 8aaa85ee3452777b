using System.Runtime.InteropServices;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport.Uring.Wire;

/// <summary>
/// struct fuse_uring_req_header: what the kernel writes of a request, and reads of its answer, beside the payload. The payload holds what follows
/// the fixed arguments of a request, and all of an answer but its header.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct RingRequestHeader
{
    public const int SizeBytes = 288;

    /// <summary>Room for fixed arguments.</summary>
    public const int ArgumentCapacityBytes = 128;

    public const int ArgumentsAt = 128;

    [FieldOffset(0)]
    public InHeader In;

    /// <summary>The answer's header, in the same place.</summary>
    [FieldOffset(0)]
    public OutHeader Out;

    /// <summary>Names the request in its answer.</summary>
    [FieldOffset(264)]
    public ulong CommitId;

    /// <summary>Length of the payload, both ways.</summary>
    [FieldOffset(272)]
    public uint PayloadLength;
}
