using FASTER.core;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>Brings log and store back to a checkpoint. All that FASTER reads on the way is checked against the image, block by block.</summary>
internal static class TableRecovery
{
    /// <summary>States what the log must hold, and restores its last block, which may have been rewritten since.</summary>
    public static void Prepare(LogSegments segments, CheckpointImage image)
    {
        segments.Open((int)(image.ProtectedBegin / image.SegmentBytes));
        for (int i = 0; i < image.Checksums.Length; i++)
        {
            long address = image.ProtectedBegin + ((long)i * LogBlock.Bytes);
            int id = (int)(address / image.SegmentBytes);
            LogSegment segment = segments.Find(id) ?? throw CheckpointFormat.Damaged(segments.PathOf(id), "it is missing");
            segment.Expect((int)(address % image.SegmentBytes / LogBlock.Bytes), image.Checksums[i]);
        }

        if (image.Tail.Length > 0)
        {
            segments.AllocateUntil(image.FinalAddress);
            byte[] block = new byte[LogBlock.Bytes];
            image.Tail.CopyTo(block, 0);
            segments.Find((int)(image.TailAddress / image.SegmentBytes))!.Write(image.TailAddress % image.SegmentBytes, block);
        }
    }

    /// <summary>Rebuilds the index and loads the newest pages.</summary>
    /// <exception cref="InvalidDataException">A block of the log is not what was written.</exception>
    /// <exception cref="StorageException">It could not be read.</exception>
    public static void Run(FasterKV<GroupKey, GroupRecord> store, CheckpointImage image, TableFault fault, string path)
    {
        try
        {
            // Records written beside the checkpoint stay: taking them out would rewrite blocks that the checkpoint vouches for.
            store.Recover(default, image.Token, undoNextVersion: false);
        }
        catch (FasterException e) when (!fault.IsSet)
        {
            throw new InvalidDataException($"{path} cannot be recovered from: {e.Message}", e);
        }
        catch (FasterException) when (fault.IsSet)
        {
            // The fault says more than FASTER does.
        }

        if (fault.Damage is { } damage)
        {
            throw new InvalidDataException(damage.Message, damage);
        }

        fault.ThrowIfSet();
    }

    /// <summary>Removes what other checkpoints, and a process that went on after this one, left behind.</summary>
    public static void CleanUp(IStorage storage, string directory, LogSegments segments, CheckpointStore checkpoints, CheckpointImage image)
    {
        checkpoints.PurgeExcept(image.Token);
        segments.ReallocateFrom((int)((image.FinalAddress + image.SegmentBytes - 1) / image.SegmentBytes));
        foreach (string name in storage.List(directory))
        {
            int id = TableFiles.SegmentId(name);
            if (id >= 0 && segments.Find(id) is null)
            {
                storage.Delete(segments.PathOf(id));
            }
        }
    }
}
