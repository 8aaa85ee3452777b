using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Pending;

/// <summary>
/// The pending exceptions: chunks whose data is being moved. Knows nothing of snapshots; a claim says "these blocks of this chunk of this
/// layer are mine until I settle". Thread-safe.
/// </summary>
/// <remarks>
/// <para>Overwrites of blocks the layer has run side by side. A block that is new, or merged, is held by one claim alone.
/// Claims on different blocks of a chunk that has no extent yet share one pending extent.</para>
/// <para>An operation that claims several chunks claims them in ascending order, and keeps what it has while it waits: no cycle can form.</para>
/// </remarks>
internal sealed class PendingSet(IExceptionTable table, ExtentAllocator extents, ExceptionPublisher publisher)
{
    private readonly PendingShard[] _shards = [.. Enumerable.Range(0, ShardSet.Capacity).Select(_ => new PendingShard())];

    /// <summary>Called when extents that a claim had taken are free again, holding no lock.</summary>
    public Action SpaceReturned { get; set; } = static () => { };

    /// <summary>Extents that are held by writes under way; all shards must be locked.</summary>
    public IEnumerable<long> HeldExtents => _shards.SelectMany(shard => shard.HeldExtents);

    /// <summary>Extents drawn on a layer's promised chunks that no record names yet; all shards must be locked.</summary>
    public long DrawnCount(uint layer) => _shards.Sum(shard => shard.DrawnCount(layer));

    /// <summary>The lock under which exceptions of a group are published; <see cref="LockAll"/> therefore stops publishing.</summary>
    public Lock LockOf(Layer layer, long chunk) => ShardOf(layer.Id, chunk).Lock;

    /// <summary>Claims the touched blocks of a chunk for a write.</summary>
    /// <param name="layer">A head layer, whose volume's gate the caller has passed.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="touched">All blocks the write touches.</param>
    /// <param name="merged">Those that must be read, merged and written back, even if the layer has them.</param>
    /// <param name="source">Where an extent may be taken from where one is needed; a promised chunk draws on its promise whatever it says.</param>
    /// <param name="waiter">Resumed after a conflict.</param>
    /// <param name="claim">The claim, when granted.</param>
    public ClaimOutcome TryClaim(
        Layer layer, long chunk, ushort touched, ushort merged, ExtentSource source, IParked waiter, out ChunkClaim claim)
    {
        claim = default;
        PendingShard shard = ShardOf(layer.Id, chunk);
        lock (shard.Lock)
        {
            PendingChunk? pending = shard.Find(layer.Id, chunk);
            ChunkException before = table.Get(layer.Id, chunk);
            ushort exclusive = (ushort)(touched & (~before.PresentBlocks | merged));
            ushort inPlace = (ushort)(touched & ~exclusive);
            if (pending is not null && ((pending.Exclusive & touched) | (pending.InPlace & exclusive)) != 0)
            {
                pending.Waiters.Add(waiter);
                return ClaimOutcome.Conflict;
            }

            long extent = before.HasExtent ? before.Extent : pending?.PendingExtent ?? -1;
            bool takes = extent < 0;
            bool isDrawn = false;
            if (takes && TryTake(layer, chunk, source, out extent, out isDrawn) is var outcome and not ClaimOutcome.Granted)
            {
                return outcome;
            }

            pending ??= shard.Add(layer.Id, chunk);
            if (takes)
            {
                pending.PendingExtent = extent;
                pending.IsExtentDrawn = isDrawn;
                layer.Streams.Allocated(chunk, extent);
            }

            claim = new ChunkClaim(layer, chunk, before, extent, exclusive, inPlace);
            Register(pending, claim);
            return ClaimOutcome.Granted;
        }
    }

    /// <summary>Claims every block of a chunk, to change its exception as a whole; waits, so the caller's thread may block.</summary>
    public ChunkClaim ClaimWhole(Layer layer, long chunk)
    {
        BlockingWaiter waiter = new();
        PendingShard shard = ShardOf(layer.Id, chunk);
        while (true)
        {
            lock (shard.Lock)
            {
                PendingChunk? pending = shard.Find(layer.Id, chunk);
                if (pending is null)
                {
                    ChunkException before = table.Get(layer.Id, chunk);
                    ChunkClaim claim = new(layer, chunk, before, before.Extent, ushort.MaxValue, 0);
                    Register(shard.Add(layer.Id, chunk), claim);
                    return claim;
                }

                waiter.Reset();
                pending.Waiters.Add(waiter);
            }

            waiter.Wait();
        }
    }

    /// <summary>
    /// The extent that a claim on a whole chunk writes to: the layer's own, or one taken now, which goes back when the claim settles unpublished;
    /// -1 when there is none.
    /// </summary>
    public long ExtentFor(in ChunkClaim claim)
    {
        PendingShard shard = ShardOf(claim.Layer.Id, claim.Chunk);
        lock (shard.Lock)
        {
            if (claim.Before.HasExtent)
            {
                return claim.Before.Extent;
            }

            if (TryTake(claim.Layer, claim.Chunk, ExtentSource.Free, out long extent, out bool isDrawn) == ClaimOutcome.Granted)
            {
                PendingChunk pending = shard.Find(claim.Layer.Id, claim.Chunk)!;
                pending.PendingExtent = extent;
                pending.IsExtentDrawn = isDrawn;
                claim.Layer.Streams.Allocated(claim.Chunk, extent);
            }

            return extent;
        }
    }

    /// <summary>
    /// An extent other than the chunk's own, for a claim on all of it: it goes back when the claim settles unpublished, or when another is taken. -1 when none
    /// is free.
    /// </summary>
    public long OtherExtentFor(in ChunkClaim claim)
    {
        PendingShard shard = ShardOf(claim.Layer.Id, claim.Chunk);
        lock (shard.Lock)
        {
            PendingChunk pending = shard.Find(claim.Layer.Id, claim.Chunk)!;
            long extent = extents.Allocate(preferred: -1);
            if (extent >= 0)
            {
                long before = pending.PendingExtent;
                pending.PendingExtent = extent;
                if (before >= 0)
                {
                    extents.FreeUnused(before);
                }
            }

            return extent;
        }
    }

    /// <summary>Publishes what a chunk is on the extent that <see cref="OtherExtentFor"/> gave, or, when nothing of it is left, on none; all locks are held.</summary>
    public void PublishRemap(in ChunkClaim claim, in ChunkException next)
    {
        publisher.PublishRemap(claim.Layer, claim.Chunk, claim.Before, next);
        PendingChunk pending = ShardOf(claim.Layer.Id, claim.Chunk).Find(claim.Layer.Id, claim.Chunk)!;
        pending.IsExtentPublished = next.HasExtent;

        // A promised chunk that has lost its extent is promised the one that was taken for it.
        pending.IsExtentDrawn = !next.HasExtent && claim.Layer.PromisedTo(claim.Chunk) is not null;
    }

    /// <summary>
    /// Publishes the written blocks of a write's claims, and perhaps the volume's new size, in one journal record: after a crash all of it is there, or
    /// nothing. Overwrites in place need no record of their own. The claims must still be settled, whether this throws or not.
    /// </summary>
    /// <param name="claims">The claims.</param>
    /// <param name="buffer">Room for the record.</param>
    /// <param name="extended">The volume's longer record, whose metadata lock the caller holds; null when the size stays.</param>
    /// <param name="isDeferred">Whether the record may wait for <see cref="ExceptionPublisher.Settle"/>.</param>
    public void Publish(ReadOnlySpan<ChunkClaim> claims, Span<byte> buffer, VolumeRecord? extended, bool isDeferred = false)
    {
        ShardSet shards = default;
        foreach (ref readonly ChunkClaim claim in claims)
        {
            if (claim.Exclusive != 0)
            {
                shards.Add(IndexOf(claim.Layer.Id, claim.Chunk));
            }
        }

        if (shards.IsEmpty && extended is null)
        {
            if (!isDeferred)
            {
                // What was overwritten may have been there only since a write whose record waits.
                publisher.Settle();
            }

            return;
        }

        Lock(shards);
        try
        {
            publisher.PublishWrite(claims, buffer, extended, isDeferred);
            foreach (ref readonly ChunkClaim claim in claims)
            {
                if (claim.Exclusive != 0)
                {
                    PendingChunk pending = _shards[IndexOf(claim.Layer.Id, claim.Chunk)].Find(claim.Layer.Id, claim.Chunk)!;
                    pending.IsExtentPublished |= pending.PendingExtent == claim.Extent;
                }
            }
        }
        finally
        {
            Unlock(shards);
        }
    }

    /// <summary>Ends a claim. A pending extent that nobody published goes back with the last claim on its chunk.</summary>
    public void Settle(in ChunkClaim claim)
    {
        IParked[] resumed = [];
        bool isReturned = false;
        PendingShard shard = ShardOf(claim.Layer.Id, claim.Chunk);
        lock (shard.Lock)
        {
            PendingChunk pending = shard.Find(claim.Layer.Id, claim.Chunk)
                ?? throw new InvalidOperationException($"chunk {claim.Chunk} of layer {claim.Layer.Id} is settled twice");
            pending.Exclusive &= (ushort)~claim.Exclusive;
            if (claim.InPlace != 0 && --pending.InPlaceClaims == 0)
            {
                pending.InPlace = 0;
            }

            if (pending.Waiters.Count != 0)
            {
                resumed = [.. pending.Waiters];
                pending.Waiters.Clear();
            }

            if (--pending.Claims == 0)
            {
                if (pending.PendingExtent >= 0 && !pending.IsExtentPublished)
                {
                    extents.FreeUnused(pending.PendingExtent, pending.IsExtentDrawn ? claim.Layer.PromisedTo(claim.Chunk) : null);
                    isReturned = true;
                }

                shard.Remove(claim.Layer.Id, claim.Chunk, pending);
            }
        }

        foreach (IParked parked in resumed)
        {
            parked.Resume();
        }

        if (isReturned)
        {
            SpaceReturned();
        }
    }

    /// <summary>An extent for a chunk that has none: drawn on its promise, or out of what the source allows.</summary>
    private ClaimOutcome TryTake(Layer layer, long chunk, ExtentSource source, out long extent, out bool isDrawn)
    {
        long preferred = layer.Streams.PreferredFor(chunk);
        Reservation? reservation = layer.Writer?.Reservation;
        isDrawn = reservation is not null && reservation.Promises(chunk);
        if (isDrawn)
        {
            return extents.Draw(reservation!, preferred, out extent);
        }

        extent = source == ExtentSource.None ? -1 : extents.Allocate(preferred);
        if (extent < 0 && source == ExtentSource.Emergency && reservation is not null)
        {
            extent = extents.DrawEmergency(reservation, preferred);
        }

        return extent < 0 ? ClaimOutcome.NoSpace : ClaimOutcome.Granted;
    }

    /// <summary>Stops all publishing until <see cref="UnlockAll"/>.</summary>
    public void LockAll() => Lock(ShardSet.All());

    /// <summary>Ends <see cref="LockAll"/>, on the same thread.</summary>
    public void UnlockAll() => Unlock(ShardSet.All());

    /// <summary>Locks the shards of a set, always in ascending order.</summary>
    private void Lock(in ShardSet shards)
    {
        for (int i = shards.NextFrom(0); i >= 0; i = shards.NextFrom(i + 1))
        {
            _shards[i].Lock.Enter();
        }
    }

    private void Unlock(in ShardSet shards)
    {
        for (int i = shards.NextFrom(0); i >= 0; i = shards.NextFrom(i + 1))
        {
            _shards[i].Lock.Exit();
        }
    }

    private static void Register(PendingChunk pending, in ChunkClaim claim)
    {
        pending.Claims++;
        pending.Exclusive |= claim.Exclusive;
        if (claim.InPlace != 0)
        {
            pending.InPlace |= claim.InPlace;
            pending.InPlaceClaims++;
        }
    }

    private PendingShard ShardOf(uint layer, long chunk) => _shards[IndexOf(layer, chunk)];

    private static int IndexOf(uint layer, long chunk)
    {
        ulong group = (ulong)(chunk / IExceptionTable.GroupChunks);
        return (int)(((group + (layer * 0x9E37_79B9UL)) * 0x9E37_79B9_7F4A_7C15UL) >> (64 - ShardSet.IndexBits));
    }
}
