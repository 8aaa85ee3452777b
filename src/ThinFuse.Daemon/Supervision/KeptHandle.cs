using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Supervision;

/// <summary>A handle that the kernel holds, as it lies in the restart memory.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct KeptHandle
{
    public const int SizeBytes = 32;

    /// <summary>The handle's number; 0 while the slot is free. Written last, and zeroed first.</summary>
    public ulong Number;

    /// <summary>The node that is open.</summary>
    public ulong NodeId;

    /// <summary>The number of the request that opened it.</summary>
    public ulong Request;

    /// <summary>What it is.</summary>
    public KeptHandleKind Kind;
}
