using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_interrupt_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InterruptIn
{
    public ulong Unique;
}
