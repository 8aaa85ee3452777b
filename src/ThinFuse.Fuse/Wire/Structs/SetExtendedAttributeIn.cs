using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_setxattr_in as it is without FUSE_SETXATTR_EXT; a name and the value follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SetExtendedAttributeIn
{
    public uint Size;
    public FuseSetExtendedAttributeFlags Flags;
}
