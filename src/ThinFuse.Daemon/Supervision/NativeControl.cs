using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Supervision;

/// <summary>struct cmsghdr of 64-bit systems; descriptors follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeControl
{
    public nuint LengthBytes;
    public int Level;
    public int Type;
}
