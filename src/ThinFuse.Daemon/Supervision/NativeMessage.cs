using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Supervision;

/// <summary>struct msghdr of the 64-bit C libraries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public void* Name;
    public uint NameLengthBytes;
    public NativeVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLengthBytes;
    public int Flags;
}
