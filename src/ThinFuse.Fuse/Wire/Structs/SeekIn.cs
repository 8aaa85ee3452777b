using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_lseek_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeekIn
{
    public ulong Handle;
    public ulong Offset;
    public FuseSeekOrigin Origin;
    public uint Padding;
}
