using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Native;

/// <summary>A control message (struct cmsghdr) that carries one file descriptor, on 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DescriptorMessage
{
    /// <summary>Length of the header and one descriptor, without padding.</summary>
    public const int LengthWithDescriptorBytes = 20;

    public nuint LengthBytes;
    public int Level;
    public int Type;
    public int Descriptor;
    public int Padding;
}
