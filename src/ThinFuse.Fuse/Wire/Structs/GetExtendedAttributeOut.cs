using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_getxattr_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetExtendedAttributeOut
{
    public uint Size;
    public uint Padding;
}
