using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>struct io_uring_sqe in its long form (IORING_SETUP_SQE128), as far as it is used here: FUSE commands, reads, writes and polls.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct SubmissionEntry
{
    public const int SizeBytes = 128;

    [FieldOffset(0)]
    public SubmissionOpcode Opcode;

    /// <summary>IOSQE_ flags; see <see cref="FixedFile"/>.</summary>
    [FieldOffset(1)]
    public byte Flags;

    /// <summary>The descriptor, or with <see cref="FixedFile"/> its index among the registered files.</summary>
    [FieldOffset(4)]
    public int File;

    /// <summary>Where in the file, of a read or write.</summary>
    [FieldOffset(8)]
    public long FileOffset;

    /// <summary>The command, of a FUSE command.</summary>
    [FieldOffset(8)]
    public RingCommand Command;

    /// <summary>The buffer, or the two vectors of <see cref="RingCommand.Register"/>.</summary>
    [FieldOffset(16)]
    public ulong Address;

    /// <summary>Length of the buffer in bytes, the number of vectors, or the flags of a poll.</summary>
    [FieldOffset(24)]
    public uint Length;

    /// <summary>The events of a poll.</summary>
    [FieldOffset(28)]
    public uint PollEvents;

    /// <summary>Comes back with the completion.</summary>
    [FieldOffset(32)]
    public ulong Tag;

    /// <summary>struct fuse_uring_cmd_req: the number of the request that is answered.</summary>
    [FieldOffset(56)]
    public ulong CommitId;

    /// <summary>struct fuse_uring_cmd_req: the queue.</summary>
    [FieldOffset(64)]
    public ushort QueueIndex;

    /// <summary>IOSQE_FIXED_FILE.</summary>
    public const byte FixedFile = 1;

    /// <summary>IOSQE_ASYNC: a thread of the kernel does it, from the start.</summary>
    public const byte ByWorker = 1 << 4;

    /// <summary>IORING_POLL_ADD_MULTI: the poll goes on after it has completed.</summary>
    public const uint PollMany = 1;
}
