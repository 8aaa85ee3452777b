using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_getattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetAttributesIn
{
    public uint Flags;
    public uint Padding;
    public ulong Handle;
}
