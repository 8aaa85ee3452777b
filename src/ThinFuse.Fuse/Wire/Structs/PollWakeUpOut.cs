using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_notify_poll_wakeup_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollWakeUpOut
{
    public ulong WakeHandle;
}
