using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_fsync_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FsyncIn
{
    public ulong Handle;
    public uint Flags;
    public uint Padding;
}
