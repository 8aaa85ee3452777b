using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_lseek_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeekOut
{
    public ulong Offset;
}
