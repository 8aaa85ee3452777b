using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_notify_inval_inode_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InvalidateInodeOut
{
    public ulong NodeId;
    public long Offset;
    public long Length;
}
