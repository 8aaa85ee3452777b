using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Supervision;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeVector
{
    public void* Address;
    public nuint LengthBytes;
}
