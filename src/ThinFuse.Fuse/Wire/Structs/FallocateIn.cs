using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_fallocate_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FallocateIn
{
    public ulong Handle;
    public ulong Offset;
    public ulong Length;
    public FuseFallocateModes Mode;
    public uint Padding;
}
