using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>struct io_uring_cqe.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionEntry
{
    /// <summary>IORING_CQE_F_MORE: the submission completes again.</summary>
    public const uint More = 2;

    public ulong Tag;

    /// <summary>What the operation returned, or a negative errno.</summary>
    public int Result;

    public uint Flags;
}
