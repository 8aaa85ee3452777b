using System.Text;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Supervision;

/// <summary>
/// Makes changes of names happen once, although the process may die between a change and its answer, and the request come again. Each change is
/// written down before it is made and when it is made. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// A change that was begun, and of which the successor does not know the end, is judged by the pool before anything else is served: created, if the name that
/// was not there when it began is there; deleted, if the volume no longer has that name; renamed, if the volume has the new name; copied, as far as the
/// target, which was empty, has a size. The kernel holds the directory or the target for the request, so nobody else in the mount can have done that.
/// </para>
/// <para>
/// One who uses the control API can: when both ask for the same new name at once, and the process dies in that moment, an exclusive create may be told
/// that the other's volume is its own.
/// </para>
/// </remarks>
internal sealed unsafe class ChangeLedger(RestartMemory memory)
{
    /// <summary>Judges what the process before this one had begun; before anything is served.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="sizeOf">The size of a volume, also of one without a name; 0 when it is gone.</param>
    public void Resolve(ThinPool pool, Func<ulong, long> sizeOf)
    {
        for (int i = 0; i < RestartMemory.ChangeCount; i++)
        {
            ref KeptChange change = ref memory.Changes[i];
            if (change.State != KeptChangeState.Begun)
            {
                continue;
            }

            string name = NameOf(change);
            ulong? result = (FuseOpcode)change.Opcode switch
            {
                FuseOpcode.Create or FuseOpcode.MakeNode => pool.Find(name)?.Id,
                FuseOpcode.Unlink => pool.Find(change.Volume)?.Name == name ? null : 0,
                FuseOpcode.Rename or FuseOpcode.Rename2 => pool.Find(change.Volume)?.Name == name ? 0 : null,
                _ => sizeOf(change.Volume) is > 0 and long copied ? Math.Min((ulong)copied, change.Result) : null,
            };
            change.Result = result ?? 0;
            Volatile.Write(ref *(uint*)&memory.Changes[i].State, (uint)(result is null ? KeptChangeState.None : KeptChangeState.Done));
        }
    }

    /// <summary>Whether a request that came again had its change made, and what the answer says.</summary>
    public bool TryFindDone(FuseRequest request, out ulong result)
    {
        result = 0;
        return request.IsResent && TryFindDone(request.OriginalUnique, out result);
    }

    /// <summary>Whether the change that a request of this number asked for was made.</summary>
    internal bool TryFindDone(ulong request, out ulong result)
    {
        for (int i = 0; i < RestartMemory.ChangeCount; i++)
        {
            ref KeptChange change = ref memory.Changes[i];
            if (change.State == KeptChangeState.Done && change.Request == request)
            {
                result = change.Result;
                return true;
            }
        }

        result = 0;
        return false;
    }

    /// <summary>Makes a change and writes it down.</summary>
    /// <param name="request">What asks for it; not made yet.</param>
    /// <param name="volume">The volume that it is about; 0 where that does not exist yet.</param>
    /// <param name="name">The name that it makes or removes.</param>
    /// <param name="result">What the answer says at most, where the change may be made in part.</param>
    /// <param name="change">Makes it and returns what the answer says.</param>
    public ulong Make(FuseRequest request, ulong volume, string name, ulong result, Func<ulong> change) =>
        Make(request.Opcode, request.OriginalUnique, volume, name, result, change);

    /// <inheritdoc cref="Make(FuseRequest, ulong, string, ulong, Func{ulong})"/>
    internal ulong Make(FuseOpcode opcode, ulong request, ulong volume, string name, ulong result, Func<ulong> change)
    {
        KeptChange* entry = memory.Changes + (int)((ulong)Interlocked.Increment(ref memory.ChangesBegun) % RestartMemory.ChangeCount);
        Begin(entry, opcode, request, volume, name, result);
        ulong made;
        try
        {
            made = change();
        }
        catch
        {
            Set(entry, KeptChangeState.None);
            throw;
        }

        entry->Result = made;
        Set(entry, KeptChangeState.Done);
        return made;
    }

    private static void Begin(KeptChange* entry, FuseOpcode opcode, ulong request, ulong volume, string name, ulong result)
    {
        Set(entry, KeptChangeState.None);
        if (Encoding.UTF8.GetByteCount(name) > KeptChange.MostNameBytes)
        {
            // No volume can have such a name: it will be refused.
            return;
        }

        entry->Opcode = (uint)opcode;
        entry->Request = request;
        entry->Volume = volume;
        entry->Result = result;
        entry->NameBytes = Encoding.UTF8.GetBytes(name, new Span<byte>(entry->Name, KeptChange.MostNameBytes));
        Set(entry, KeptChangeState.Begun);
    }

    private static void Set(KeptChange* entry, KeptChangeState state) => Volatile.Write(ref *(uint*)&entry->State, (uint)state);

    private static string NameOf(in KeptChange change)
    {
        fixed (byte* start = change.Name)
        {
            return Encoding.UTF8.GetString(start, Math.Clamp(change.NameBytes, 0, KeptChange.MostNameBytes));
        }
    }
}
