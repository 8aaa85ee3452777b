using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Native;

/// <summary>struct msghdr of the 64-bit C libraries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLengthBytes;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLengthBytes;
    public int Flags;
}
