using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_notify_inval_entry_out; the name and a zero follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InvalidateEntryOut
{
    public ulong Parent;
    public uint NameLength;
    public uint Flags;
}
