using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>
/// How records are read and changed. FASTER holds the key's lock during these calls, so that a record is never seen half written.
/// A change that leaves a record empty turns it into a tombstone.
/// </summary>
internal readonly struct GroupFunctions(PendingOutcome pending) : IFunctions<GroupKey, GroupRecord, GroupInput, GroupRecord, Empty>
{
    private readonly PendingOutcome _pending = pending;

    public bool SingleReader(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord dst, ref ReadInfo readInfo) =>
        CopyOut(in input, in value, ref dst);

    public bool ConcurrentReader(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord dst, ref ReadInfo readInfo) =>
        CopyOut(in input, in value, ref dst);

    public void ReadCompletionCallback(
        ref GroupKey key, ref GroupInput input, ref GroupRecord output, Empty ctx, Status status, RecordMetadata recordMetadata) =>
        Complete(in output, status);

    public bool NeedInitialUpdate(ref GroupKey key, ref GroupInput input, ref GroupRecord output, ref RMWInfo rmwInfo) => !input.IsRemoval;

    public bool InitialUpdater(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
        value = default;
        input.CopyTo(ref value);
        return true;
    }

    public bool NeedCopyUpdate(ref GroupKey key, ref GroupInput input, ref GroupRecord oldValue, ref GroupRecord output, ref RMWInfo rmwInfo) =>
        input.IsMove ? rmwInfo.Address < input.BelowAddress : !input.IsIn(in oldValue);

    public bool CopyUpdater(
        ref GroupKey key, ref GroupInput input, ref GroupRecord oldValue, ref GroupRecord newValue, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
        newValue = oldValue;
        return Change(in input, ref newValue, ref rmwInfo);
    }

    public bool InPlaceUpdater(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord output, ref RMWInfo rmwInfo) =>
        Change(in input, ref value, ref rmwInfo);

    public void RMWCompletionCallback(
        ref GroupKey key, ref GroupInput input, ref GroupRecord output, Empty ctx, Status status, RecordMetadata recordMetadata) =>
        Complete(in output, status);

    // Records are only ever changed by the three updaters.
    public bool SingleWriter(
        ref GroupKey key, ref GroupInput input, ref GroupRecord src, ref GroupRecord dst, ref GroupRecord output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        dst = src;
        return true;
    }

    public bool ConcurrentWriter(
        ref GroupKey key, ref GroupInput input, ref GroupRecord src, ref GroupRecord dst, ref GroupRecord output, ref UpsertInfo upsertInfo)
    {
        dst = src;
        return true;
    }

    public void PostSingleWriter(
        ref GroupKey key, ref GroupInput input, ref GroupRecord src, ref GroupRecord dst, ref GroupRecord output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public void PostInitialUpdater(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
    }

    public void PostCopyUpdater(
        ref GroupKey key, ref GroupInput input, ref GroupRecord oldValue, ref GroupRecord newValue, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
    }

    public bool SingleDeleter(ref GroupKey key, ref GroupRecord value, ref DeleteInfo deleteInfo) => true;

    public void PostSingleDeleter(ref GroupKey key, ref DeleteInfo deleteInfo)
    {
    }

    public bool ConcurrentDeleter(ref GroupKey key, ref GroupRecord value, ref DeleteInfo deleteInfo) => true;

    public void DisposeSingleWriter(
        ref GroupKey key, ref GroupInput input, ref GroupRecord src, ref GroupRecord dst, ref GroupRecord output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public void DisposeCopyUpdater(
        ref GroupKey key, ref GroupInput input, ref GroupRecord oldValue, ref GroupRecord newValue, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeInitialUpdater(ref GroupKey key, ref GroupInput input, ref GroupRecord value, ref GroupRecord output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeSingleDeleter(ref GroupKey key, ref GroupRecord value, ref DeleteInfo deleteInfo)
    {
    }

    public void DisposeDeserializedFromDisk(ref GroupKey key, ref GroupRecord value)
    {
    }

    public void CheckpointCompletionCallback(int sessionID, string sessionName, CommitPoint commitPoint)
    {
    }

    private static bool CopyOut(in GroupInput input, in GroupRecord record, ref GroupRecord output)
    {
        if (input.IsWhole)
        {
            output = record;
        }
        else
        {
            output[input.Index] = record[input.Index];
        }

        return true;
    }

    private static bool Change(in GroupInput input, ref GroupRecord record, ref RMWInfo rmwInfo)
    {
        if (input.IsMove)
        {
            return true;
        }

        input.CopyTo(ref record);
        if (!input.IsRemoval || !record.IsEmpty)
        {
            return true;
        }

        rmwInfo.Action = RMWAction.ExpireAndStop;
        return false;
    }

    private void Complete(in GroupRecord output, Status status)
    {
        _pending.Status = status;
        _pending.Output = output;
    }
}
