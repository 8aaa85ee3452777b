using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Address;
    public nuint LengthBytes;
}
