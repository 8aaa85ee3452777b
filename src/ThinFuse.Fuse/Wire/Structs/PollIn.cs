using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_poll_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollIn
{
    /// <summary>In <see cref="Flags"/>: somebody waits, and is to be woken.</summary>
    public const uint ScheduleNotify = 1;

    public ulong Handle;
    public ulong WakeHandle;
    public uint Flags;
    public FusePollEvents Events;
}
