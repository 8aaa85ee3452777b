using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_getxattr_in; for GETXATTR a name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetExtendedAttributeIn
{
    public uint Size;
    public uint Padding;
}
