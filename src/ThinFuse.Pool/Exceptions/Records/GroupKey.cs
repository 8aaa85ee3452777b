using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>The key of a record: one layer's group of neighbouring chunks. 16 bytes on disk; the gap is always zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal readonly struct GroupKey(uint layer, long group)
{
    [FieldOffset(0)]
    public readonly uint Layer = layer;

    [FieldOffset(8)]
    public readonly long Group = group;
}
