using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_mknod_in; a name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MakeNodeIn
{
    public uint Mode;
    public uint Device;
    public uint Umask;
    public uint Padding;
}
