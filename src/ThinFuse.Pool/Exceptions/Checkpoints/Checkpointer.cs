using FASTER.core;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Exceptions.Records;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>Takes a checkpoint of the store and describes it as an image, checksums included.</summary>
/// <remarks>
/// The kind that folds over: what memory holds is written to the log, which a checkpoint then only has to point into. It costs what changed
/// since the last one, whether or not the table fits in memory; updated groups move to the log's end, and compaction takes their old room.
/// </remarks>
internal sealed class Checkpointer(
    FasterKV<GroupKey, GroupRecord> store, CheckpointCapture capture, LogSegments segments, TableFault fault, ExceptionTableOptions options)
{
    /// <summary>When this returns the log is written, though not flushed, unless there is a fault.</summary>
    public HybridLogRecoveryInfo FoldOver(out Guid token)
    {
        if (!store.TryInitiateHybridLogCheckpoint(out token, CheckpointType.FoldOver))
        {
            throw new InvalidOperationException("A checkpoint of the exception table's store is under way already.");
        }

        store.CompleteCheckpointAsync().AsTask().GetAwaiter().GetResult();
        return Parse(capture.Metadata(token));
    }

    /// <summary>Describes a checkpoint whose log is written.</summary>
    public CheckpointImage Describe(Guid token, in HybridLogRecoveryInfo info, long groups)
    {
        CheckpointImage image = new()
        {
            Token = token,
            PageBytes = options.PageBytes,
            SegmentBytes = options.SegmentBytes,
            BeginAddress = info.beginAddress,
            FinalAddress = info.finalLogicalAddress,
            Groups = groups,
            Metadata = capture.Metadata(token),
            Checksums = [],
            Tail = [],
        };
        return image with { Checksums = Checksums(image), Tail = Tail(image) };
    }

    private static HybridLogRecoveryInfo Parse(byte[] metadata)
    {
        HybridLogRecoveryInfo info = default;
        using StreamReader reader = new(new MemoryStream(metadata));
        info.Initialize(reader);
        return info;
    }

    private uint[] Checksums(CheckpointImage image)
    {
        uint[] checksums = new uint[(image.TailAddress - image.ProtectedBegin) / LogBlock.Bytes];
        for (int i = 0; i < checksums.Length; i++)
        {
            long address = image.ProtectedBegin + ((long)i * LogBlock.Bytes);
            checksums[i] = SegmentOf(address).ChecksumOf((int)(address % options.SegmentBytes / LogBlock.Bytes));
            if (checksums[i] == LogBlock.Unwritten)
            {
                throw new InvalidOperationException($"The log's block at {address} belongs to checkpoint {image.Token} but was not written.");
            }
        }

        return checksums;
    }

    private byte[] Tail(CheckpointImage image)
    {
        int tailBytes = (int)(image.FinalAddress - image.TailAddress);
        if (tailBytes == 0)
        {
            return [];
        }

        byte[] block = new byte[LogBlock.Bytes];
        segments.Read(image.TailAddress, block, fault);
        return block[..tailBytes];
    }

    private LogSegment SegmentOf(long address) => segments.Find((int)(address / options.SegmentBytes))
        ?? throw new InvalidOperationException($"The log has no segment for address {address}.");
}
