using FASTER.core;
using ThinFuse.Pool.Exceptions.Records;

namespace ThinFuse.Pool.Exceptions.Sessions;

/// <summary>One FASTER session: one operation at a time, by whichever thread has rented it. An operation returns when it has ended, disk reads included.</summary>
internal sealed class GroupSession : IDisposable
{
    // A session that never numbers its operations leaves no trace in checkpoints.
    private const long Unnumbered = -1;

    private readonly PendingOutcome _pending;
    private readonly ClientSession<GroupKey, GroupRecord, GroupInput, GroupRecord, Empty, GroupFunctions> _session;

    public GroupSession(FasterKV<GroupKey, GroupRecord> store)
    {
        _pending = new PendingOutcome();
        _session = store.For(new GroupFunctions(_pending)).NewSession<GroupFunctions>();
    }

    /// <summary>Copies out what the input asks for; false, and the output untouched, when there is no such record.</summary>
    public bool Read(ref GroupKey key, ref GroupInput input, ref GroupRecord output)
    {
        Status status = _session.Read(ref key, ref input, ref output, default, Unnumbered);
        if (status.IsPending)
        {
            status = Await();
            output = _pending.Output;
        }

        return Succeeded(status) && status.Found;
    }

    /// <summary>Applies the input to the record; the result says whether a record came, went, or was copied to the log's end.</summary>
    public Status Modify(ref GroupKey key, ref GroupInput input)
    {
        GroupRecord output = default;
        Status status = _session.RMW(ref key, ref input, ref output, default, Unnumbered);
        if (status.IsPending)
        {
            status = Await();
        }

        Succeeded(status);
        return status;
    }

    public void Dispose() => _session.Dispose();

    private Status Await()
    {
        _session.CompletePending(wait: true);
        return _pending.Status;
    }

    private static bool Succeeded(Status status) => status.IsCompletedSuccessfully
        ? true
        : throw new InvalidOperationException($"The exception table's store answered {status}.");
}
