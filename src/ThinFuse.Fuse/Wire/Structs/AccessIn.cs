using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_access_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AccessIn
{
    public uint Mask;
    public uint Padding;
}
