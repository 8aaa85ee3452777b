using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_create_in; a name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CreateIn
{
    public FuseFileFlags Flags;
    public uint Mode;
    public uint Umask;
    public uint OpenFlags;
}
