using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>struct io_sqring_offsets and struct io_cqring_offsets: where things lie in the shared memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Count;

    /// <summary>Of submissions: flags. Of completions: the overflow counter.</summary>
    public uint FlagsOrOverflow;

    /// <summary>Of submissions: the drop counter. Of completions: the completions themselves.</summary>
    public uint DroppedOrEntries;
    public uint ArrayOrFlags;
    public uint Reserved0;
    public ulong Reserved1;
}
