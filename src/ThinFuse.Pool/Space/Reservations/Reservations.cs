using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Space.Reservations;

/// <summary>
/// Keeps the promises of volumes true through every change of their size, their head layer, or the promise itself: the space is there before the
/// change is journalled, or nothing changes. Thread-safe.
/// </summary>
/// <remarks>
/// Every change that gives a volume another head goes through <see cref="Change"/>, inside <see cref="Attempt"/>; what only moves extents between layers
/// goes through the publisher, which keeps the counts. Writes that fall under a promise draw on it when they claim.
/// </remarks>
internal sealed class Reservations(PoolCore core)
{
    private readonly HashSet<Volume> _volumes = [];

    /// <summary>Volumes that something was promised to, deleted ones that are still open included. The metadata lock is held.</summary>
    public IReadOnlyCollection<Volume> Volumes => _volumes;

    /// <summary>Derives what is kept ready from what is promised and what is owned, when the pool is opened.</summary>
    public void Restore()
    {
        Prepared[] promised =
        [
            .. core.Metadata.Volumes.Where(volume => volume.Promise != VolumePromise.None)
                .Select(volume => Prepare(PromiseChange.To(volume, volume.Promise))),
        ];
        core.Extents.Restore([.. promised.Select(prepared => prepared.Counts)]);
        Array.ForEach(promised, Adopt);
    }

    /// <summary>
    /// Runs a change that may be refused, and once more after a commit, and where the pool extends itself. The caller holds nothing; the action takes gates and
    /// locks, calls <see cref="Change"/>, and lets go of them.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="isTold">Whether an event tells of each refusal; not where the caller tells of it in its own way.</param>
    /// <exception cref="PoolException">NoSpace: nothing has changed, and the message says how much is missing.</exception>
    public void Attempt(Action change, bool isTold = true)
    {
        try
        {
            try
            {
                change();
            }
            catch (ReservationRefusedException refusal)
            {
                core.TryReturnSpace((int)Math.Min(int.MaxValue, refusal.WantedBytes >> core.Geometry.ChunkShift));
                change();
            }
        }
        catch (ReservationRefusedException refusal) when (isTold)
        {
            core.Health.Raise(PoolEvent.Now(PoolEventKinds.ReservationRefused, refusal.Message) with
            {
                Volume = refusal.Volume,
                WantedBytes = refusal.WantedBytes,
                FreeBytes = refusal.FreeBytes,
            });
            throw;
        }

        // Less may be kept now than before.
        core.ReleaseFreed();
    }

    /// <summary>
    /// Journals and applies entries that change volumes, all or none, and has the space that their promises then need. The gates of the volumes are closed
    /// and the metadata lock is held. Not durable before a commit.
    /// </summary>
    /// <param name="changes">Volumes that get another size, head or promise, each once; those that nothing is promised to cost nothing.</param>
    /// <param name="entries">The entries, but for those that cut provisioned ranges off behind a smaller size: those are added.</param>
    /// <exception cref="ReservationRefusedException">The space is not there; nothing has changed.</exception>
    public void Change(ReadOnlySpan<PromiseChange> changes, ReadOnlySpan<byte> entries)
    {
        bool isAnyPromised = false;
        foreach (PromiseChange change in changes)
        {
            isAnyPromised |= change.Volume.Reservation is not null || change.Promise != VolumePromise.None;
        }

        if (!isAnyPromised)
        {
            core.Change(entries);
            return;
        }

        // Nobody draws, discards or merges meanwhile: what is counted is what is.
        core.Pending.LockAll();
        try
        {
            Prepared[] next = new Prepared[changes.Length];
            ReservationCounts[] counts = new ReservationCounts[changes.Length];
            for (int i = 0; i < changes.Length; i++)
            {
                next[i] = Prepare(changes[i]);
                counts[i] = next[i].Counts;
            }

            long reservedCount = Reserve(next);
            try
            {
                Record(changes, entries);
            }
            catch
            {
                core.Extents.Unreserve(reservedCount);
                throw;
            }

            core.Extents.Settle(counts, reservedCount);
            Array.ForEach(next, Adopt);
        }
        finally
        {
            core.Pending.UnlockAll();
        }
    }

    /// <summary>Makes a new volume that something is promised to; the entries put it. The metadata lock is held.</summary>
    /// <exception cref="ReservationRefusedException">The space is not there; nothing has changed.</exception>
    public void Create(ulong volumeId, string name, long sizeBytes, VolumePromise promise, ReadOnlySpan<byte> entries)
    {
        long sizeChunks = core.Geometry.ChunksFor(sizeBytes);
        ReservationCounts counts = new(new Reservation(), promise.Promised(sizeChunks, 0).Count, promise.EmergencyCount(core.Geometry, 0));
        long count = counts.NeededCount + counts.EmergencyWantedCount;
        Reserve(count, name);
        try
        {
            core.Change(entries);
        }
        catch
        {
            core.Extents.Unreserve(count);
            throw;
        }

        Volume volume = core.Metadata.Find(volumeId)!;
        core.Extents.Settle([counts], count);
        Adopt(new Prepared(volume, counts, promise.Promised(sizeChunks, 0), promise));
    }

    /// <summary>Nothing is kept any more for a volume that is gone: its name is, and its last handle. The metadata lock is held.</summary>
    public void Forget(Volume volume)
    {
        if (volume.Reservation is { } reservation)
        {
            // A merge into its last head may be counting this very moment.
            core.Pending.LockAll();
            try
            {
                core.Extents.Settle([new ReservationCounts(reservation, 0, 0)], 0);
                reservation.Promised = ChunkRanges.Empty;
                _volumes.Remove(volume);
            }
            finally
            {
                core.Pending.UnlockAll();
            }
        }
    }

    /// <summary>The volume's needs after a change.</summary>
    private Prepared Prepare(PromiseChange change)
    {
        Volume volume = change.Volume;
        Reservation reservation = volume.Reservation ?? new Reservation();
        long endChunk = core.Geometry.ChunksFor(change.SizeBytes);
        long ownedEnd = Math.Max(endChunk, core.Geometry.ChunksFor(volume.Record.SizeBytes));
        ChunkRanges promised = change.Promise.Promised(endChunk, volume.WriterCount);
        long needed;
        if (change.HasFreshHead)
        {
            needed = promised.Count;
        }
        else if (change.Head is { } head)
        {
            needed = promised.Count - OwnedCounter.Count(core.Table, head, promised, long.MaxValue);
        }
        else
        {
            // Costs what is added and taken away, not what is promised already.
            ChunkRanges added = promised.Except(reservation.Promised);
            ChunkRanges removed = reservation.Promised.Except(promised);
            needed = reservation.NeededCount
                + added.Count - OwnedCounter.Count(core.Table, volume.Head, added, ownedEnd)
                - removed.Count + OwnedCounter.Count(core.Table, volume.Head, removed, ownedEnd);
        }

        long emergency = change.Promise.EmergencyCount(core.Geometry, volume.WriterCount);
        return new Prepared(volume, new ReservationCounts(reservation, needed, emergency), promised, change.Promise);
    }

    private long Reserve(ReadOnlySpan<Prepared> next)
    {
        long count = 0;
        string name = next[0].Volume.Record.Name;
        foreach (Prepared prepared in next)
        {
            (Reservation reservation, long neededCount, long emergencyWantedCount) = prepared.Counts;
            long more = neededCount - reservation.NeededCount;
            if (emergencyWantedCount != reservation.EmergencyWantedCount)
            {
                more += emergencyWantedCount - reservation.EmergencyCount;
            }

            name = more > 0 ? prepared.Volume.Record.Name : name;
            count += more;
        }

        count = Math.Max(0, count);
        Reserve(count, name);
        return count;
    }

    private void Reserve(long count, string name)
    {
        if (!core.Extents.TryReserve(count, out long freeCount))
        {
            long wantedBytes = count << core.Geometry.ChunkShift;
            long freeBytes = freeCount << core.Geometry.ChunkShift;
            throw new ReservationRefusedException(
                $"{name} needs {wantedBytes} bytes more in reserve for what it is promised, and {freeBytes} are free: {wantedBytes - freeBytes} are missing; "
                + "grow the pool, delete something, or reserve less",
                name, wantedBytes, freeBytes);
        }
    }

    /// <summary>Journals; a deleted volume has no record, and its promise lives in memory as long as its handles.</summary>
    private void Record(ReadOnlySpan<PromiseChange> changes, ReadOnlySpan<byte> entries)
    {
        byte[] buffer = new byte[entries.Length + (changes.Length * EntryWriter.MaxPromiseBytes)];
        EntryWriter cuts = new(buffer.AsSpan(entries.Length));
        foreach (PromiseChange change in changes)
        {
            long endChunk = core.Geometry.ChunksFor(change.SizeBytes);
            if (change.Promise.Provisioned.Overlaps(endChunk, long.MaxValue))
            {
                long end = change.Promise.Provisioned.Ranges[^1].End;
                if (!change.Volume.IsDeleted)
                {
                    cuts.ProvisionClear(change.Volume.Id, new ChunkRange(endChunk, end));
                }
            }
        }

        entries.CopyTo(buffer);
        ReadOnlySpan<byte> all = buffer.AsSpan(0, entries.Length + cuts.LengthBytes);
        if (!all.IsEmpty)
        {
            core.Change(all);
        }

        foreach (PromiseChange change in changes)
        {
            change.Volume.Promise = change.Promise with
            {
                Provisioned = change.Promise.Provisioned.Without(core.Geometry.ChunksFor(change.SizeBytes), long.MaxValue),
            };
        }
    }

    private void Adopt(Prepared prepared)
    {
        if (prepared.Volume.Reservation is null && prepared.Promise == VolumePromise.None)
        {
            return;
        }

        Reservation reservation = prepared.Counts.Reservation;
        reservation.GrowsWithSize = prepared.Promise.Policy.Mode == ReserveMode.Full && prepared.Promise.PolicyCounts(prepared.Volume.WriterCount);
        reservation.Promised = prepared.Promised;
        prepared.Volume.Reservation = reservation;
        _volumes.Add(prepared.Volume);
    }

    private readonly record struct Prepared(Volume Volume, ReservationCounts Counts, ChunkRanges Promised, VolumePromise Promise);
}
