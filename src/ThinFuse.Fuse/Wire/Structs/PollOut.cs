using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_poll_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollOut
{
    public FusePollEvents Events;
    public uint Padding;
}
