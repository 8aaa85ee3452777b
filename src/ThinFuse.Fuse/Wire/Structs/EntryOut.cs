using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_entry_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryOut
{
    public ulong NodeId;
    public ulong Generation;
    public ulong EntryValidSeconds;
    public ulong AttributesValidSeconds;
    public uint EntryValidNanoseconds;
    public uint AttributesValidNanoseconds;
    public WireAttributes Attributes;
}
