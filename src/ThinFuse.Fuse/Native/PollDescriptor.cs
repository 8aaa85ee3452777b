using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Native;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int File;
    public short Events;
    public short ReturnedEvents;
}
