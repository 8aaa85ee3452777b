using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Transfer.Receiving;

/// <summary>
/// Receives snapshots: into a volume of its own that begins empty or as the base is, which takes its place, and becomes a snapshot, in one step when
/// it is whole. What happens before leaves the target untouched, whatever goes wrong. Thread-safe.
/// </summary>
internal sealed class Receives(PoolCore core, VolumeAdmin admin, Snapshots snapshots)
{
    /// <summary>What the name of a volume that is being received ends with.</summary>
    public const string NameEnd = ".receiving";

    private readonly ReceiveRules _rules = new(core, admin);

    /// <summary>Begins, or goes on with what broke off. Durable when it returns.</summary>
    public ReceiveInfo Begin(ReceiveRequest request)
    {
        _rules.Check(request);
        Volume volume;
        ReceiveRecord receive;
        lock (core.MetadataLock)
        {
            string snapshot = VolumeName.Snapshot(request.Target, request.SnapshotName);
            if (core.Metadata.Find(snapshot) is { IsReadOnly: true } there && core.Metadata.Transfers.ContentIdOf(there.Id) == request.ContentId)
            {
                return new ReceiveInfo(snapshot, snapshot, new ResumeToken(request.ContentId, request.BaseId, request.SizeBytes), IsComplete: true);
            }

            Volume? start = _rules.CheckTarget(request.Target, snapshot, request.BaseId, request.Force);
            receive = core.Metadata.Transfers.FindReceive(request.Target) is { } begun ? Continued(begun, request) : Begun(request, snapshot, start);
            volume = core.Metadata.Find(receive.VolumeId)!;
            if (volume.WriterCount != 0)
            {
                throw new PoolException(
                    PoolErrorKind.Busy, $"{volume.Record.Name} is open for writing, so that it is being received already; wait for that 'thinfuse receive', or end it");
            }

            core.Metadata.Transfers.AwaitWriter(volume.Id);
        }

        core.Commit();
        if (volume.Record.SizeBytes != receive.SizeBytes)
        {
            admin.Resize(volume, receive.SizeBytes);
        }

        return Describe(receive);
    }

    /// <summary>What is being received for a volume of this name; null when nothing is.</summary>
    public ReceiveInfo? Find(string target)
    {
        lock (core.MetadataLock)
        {
            return core.Metadata.Transfers.FindReceive(target) is { } receive ? Describe(receive) : null;
        }
    }

    /// <summary>Makes what was written so far survive power loss, and remembers how far that goes.</summary>
    public void Keep(string target, long keptBytes)
    {
        lock (core.MetadataLock)
        {
            ReceiveRecord receive = MustFind(target);
            if (keptBytes < 0 || keptBytes > receive.SizeBytes)
            {
                throw new PoolException(PoolErrorKind.Usage, $"{keptBytes} is beyond the end of what is received, {receive.SizeBytes} bytes");
            }

            Put(receive with { KeptBytes = Math.Max(receive.KeptBytes, keptBytes) });
        }

        core.Commit();
    }

    /// <summary>
    /// Puts what was received in its place: the target has its content, and a snapshot of it, both or none. Durable when it returns. Refused, and nothing
    /// changed, when the target is not what it was at the beginning.
    /// </summary>
    public Volume Finish(string target, Guid contentId, bool force)
    {
        ReceiveRecord receive;
        Volume received;
        Volume? replaced;
        lock (core.MetadataLock)
        {
            receive = MustFind(target);
            received = core.Metadata.Find(receive.VolumeId)!;
            replaced = receive.BaseId == Guid.Empty ? null : admin.Find(target);
        }

        ulong snapshotId = 0;
        snapshots.WithGatesClosed(replaced is null ? [received] : [received, replaced], () =>
        {
            MustBeWhole(receive, received, replaced, contentId);
            Volume? start = _rules.CheckTarget(target, receive.Snapshot, receive.BaseId, force);
            snapshotId = core.Metadata.NextVolumeId;
            Replace(receive, received, replaced, snapshotId, goesOn: start is not null && _rules.IsUnchanged(replaced!, start));
        });
        core.Commit();
        core.ReclaimWanted();
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.SnapshotReceived, receive.Snapshot) with
        {
            Volume = receive.Snapshot,
            Origin = target,
            SizeBytes = receive.SizeBytes,
        });
        lock (core.MetadataLock)
        {
            return admin.Find(receive.Snapshot);
        }
    }

    private void MustBeWhole(ReceiveRecord receive, Volume received, Volume? replaced, Guid contentId)
    {
        if (received.IsDeleted || replaced is { IsDeleted: true } || core.Metadata.Transfers.FindReceive(receive.Target)?.VolumeId != received.Id)
        {
            throw new PoolException(PoolErrorKind.NotFound, $"what was received for {receive.Target} was deleted meanwhile; send it again");
        }

        if (receive.ContentId != contentId || received.Record.SizeBytes != receive.SizeBytes)
        {
            throw new PoolException(
                PoolErrorKind.Failed, $"{received.Record.Name} is not what was received; delete it with 'thinfuse volume delete' and send it again");
        }
    }

    private ReceiveRecord Begun(ReceiveRequest request, string snapshot, Volume? start)
    {
        if (request.StartBytes != 0)
        {
            throw new PoolException(
                PoolErrorKind.NotFound, $"the stream goes on with one that broke off, of which nothing is kept for {request.Target}; send without --resume");
        }

        string name = request.Target + NameEnd;
        if (!VolumeName.IsVolume(name))
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"'{request.Target}' is too long a name to receive under; use at most {VolumeName.MaxPartLength - NameEnd.Length} characters");
        }

        admin.MustBeFree(name);
        LayerRecord layer = start is null
            ? new LayerRecord(core.Metadata.NextLayerId, 0, long.MaxValue)
            : new LayerRecord(core.Metadata.NextLayerId, start.Head.Id, core.Geometry.ChunksFor(start.Record.SizeBytes));
        core.Strict.Require(core.Geometry.ChunksFor(start?.Record.SizeBytes ?? request.SizeBytes));
        long now = DateTime.UtcNow.Ticks;
        VolumeRecord volume = new(
            core.Metadata.NextVolumeId, name, VolumeKind.Volume, layer.Id, start?.Record.SizeBytes ?? request.SizeBytes, start?.Id ?? 0, now, now,
            VolumeAdmin.DefaultPermissionBits);
        ReceiveRecord receive = new(
            volume.Id, request.Target, snapshot, request.ContentId, request.BaseId, request.SizeBytes, request.CreatedAt.UtcTicks, 0);
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entries = new(buffer);
        entries.LayerPut(layer);
        entries.NewVolumePut(volume);
        entries.ReceivePut(receive);
        core.Change(entries.Written);
        return receive;
    }

    private ReceiveRecord Continued(ReceiveRecord begun, ReceiveRequest request)
    {
        string name = core.Metadata.Find(begun.VolumeId)!.Record.Name;
        bool isSame = begun.ContentId == request.ContentId && begun.BaseId == request.BaseId && begun.SizeBytes == request.SizeBytes;
        if (!isSame)
        {
            throw new PoolException(
                PoolErrorKind.Exists,
                $"{name} holds a part of another snapshot, {begun.Snapshot}; go on with that one, or give it up with 'thinfuse volume delete MNT/{name}'");
        }

        if (request.StartBytes > begun.KeptBytes)
        {
            throw new PoolException(
                PoolErrorKind.Usage,
                $"the stream begins at byte {request.StartBytes}, and {name} has only what lies before {begun.KeptBytes}; send with --resume {Describe(begun).Token}");
        }

        string snapshot = VolumeName.Snapshot(request.Target, request.SnapshotName);
        return begun.Snapshot == snapshot ? begun : Put(begun with { Snapshot = snapshot });
    }

    /// <summary>One change for all: after a crash everything is in its new place, or nothing.</summary>
    private void Replace(ReceiveRecord receive, Volume received, Volume? replaced, ulong snapshotId, bool goesOn)
    {
        long chunks = core.Geometry.ChunksFor(receive.SizeBytes);
        core.Strict.Require(AddedBy(received, replaced));
        uint layer = core.Metadata.NextLayerId;
        VolumeRecord now = received.Record with { ModifiedAtTicks = received.ModifiedAtTicks };
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entries = new(buffer);
        entries.NewVolumePut(now with
        {
            Id = snapshotId,
            Name = receive.Snapshot,
            Kind = VolumeKind.Snapshot,
            OriginId = (replaced ?? received).Id,
            CreatedAtTicks = receive.SourceCreatedAtTicks,
            PermissionBits = (replaced ?? received).Record.PermissionBits & ~VolumeAdmin.WriteBits,
        });
        entries.ContentIdPut(snapshotId, receive.ContentId);
        entries.ReceiveEnd(received.Id);
        entries.LayerPut(new LayerRecord(layer, received.Head.Id, chunks));
        if (replaced is null)
        {
            entries.VolumePut(now with { Name = receive.Target, HeadLayer = layer });
        }
        else
        {
            VolumeRecord after = replaced.Record with { HeadLayer = layer, SizeBytes = receive.SizeBytes, ModifiedAtTicks = received.ModifiedAtTicks };
            if (goesOn)
            {
                entries.VolumePut(after);
            }
            else
            {
                // What was written since the base is given up, and what others know of it.
                replaced.MustNotBeHeld();
                entries.NewVolumePut(after);
            }

            // Whoever still has the received volume open writes into a layer that nobody else sees.
            entries.LayerPut(new LayerRecord(layer + 1, received.Head.Id, chunks));
            entries.VolumePut(now with { HeadLayer = layer + 1 });
            entries.VolumeRemove(received.Id);
        }

        PromiseChange[] heads = replaced is null
            ? [PromiseChange.FreshHead(received)]
            : [PromiseChange.FreshHead(replaced, receive.SizeBytes), PromiseChange.FreshHead(received)];
        core.Reservations.Change(heads, entries.Written);
        if (received.IsDeleted && received.OpenCount == 0)
        {
            core.Reservations.Forget(received);
        }
    }

    /// <summary>
    /// Extents that may be needed once it has taken its place: what was received is frozen then, what it replaces is until it is given back; and the received
    /// volume needs none any more, unless somebody has it open.
    /// </summary>
    private long AddedBy(Volume received, Volume? replaced)
    {
        long frozen = StrictPromise.FrozenBy(received);
        return replaced is null
            ? frozen
            : frozen + StrictPromise.FrozenBy(replaced) + core.Strict.Added(replaced.Record.SizeBytes, received.Record.SizeBytes)
                - (received.OpenCount == 0 ? core.Geometry.ChunksFor(received.Record.SizeBytes) : 0);
    }

    private ReceiveRecord Put(ReceiveRecord receive)
    {
        Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
        EntryWriter entry = new(buffer);
        entry.ReceivePut(receive);
        core.Change(entry.Written);
        return receive;
    }

    private ReceiveRecord MustFind(string target) => core.Metadata.Transfers.FindReceive(target)
        ?? throw new PoolException(PoolErrorKind.NotFound, $"nothing is being received for {target}");

    private ReceiveInfo Describe(ReceiveRecord receive) => new(
        core.Metadata.Find(receive.VolumeId)!.Record.Name, receive.Snapshot, new ResumeToken(receive.ContentId, receive.BaseId, receive.KeptBytes),
        IsComplete: false);
}
