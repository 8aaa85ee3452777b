using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_notify_delete_out; the name and a zero follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DeleteOut
{
    public ulong Parent;
    public ulong Child;
    public uint NameLength;
    public uint Padding;
}
