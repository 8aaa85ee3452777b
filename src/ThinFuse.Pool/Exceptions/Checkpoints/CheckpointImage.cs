using ThinFuse.Pool.Exceptions.Log;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>A checkpoint: which part of the log is the table, and what each block of it must hold.</summary>
internal sealed record CheckpointImage
{
    public required Guid Token { get; init; }

    public required int PageBytes { get; init; }

    public required long SegmentBytes { get; init; }

    /// <summary>Where the log begins: records below are dead.</summary>
    public required long BeginAddress { get; init; }

    /// <summary>Where the log ends.</summary>
    public required long FinalAddress { get; init; }

    /// <summary>Records in the table, about: writes beside the checkpoint may or may not be counted.</summary>
    public required long Groups { get; init; }

    /// <summary>What FASTER wants to know at recovery.</summary>
    public required byte[] Metadata { get; init; }

    /// <summary>Checksums of the blocks from <see cref="ProtectedBegin"/> to <see cref="TailAddress"/>.</summary>
    public required uint[] Checksums { get; init; }

    /// <summary>The bytes from <see cref="TailAddress"/> to the end. They are kept here because their block in the log is rewritten when the log goes on.</summary>
    public required byte[] Tail { get; init; }

    /// <summary>The start of the first page: recovery walks whole pages, so what precedes the begin within its page must be intact too.</summary>
    public long ProtectedBegin => PageStart(BeginAddress, PageBytes);

    /// <summary>The start of the block that the log ends in; the end itself when it is a block's.</summary>
    public long TailAddress => BlockStart(FinalAddress);

    public static long PageStart(long address, int pageBytes) => address & -pageBytes;

    public static long BlockStart(long address) => address & -LogBlock.Bytes;
}
