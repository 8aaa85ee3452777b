using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Pending;

/// <summary>
/// Makes changes of exceptions true, in one order everywhere: journal, table, accounting. Each method runs under the lock that
/// <see cref="PendingSet.LockOf"/> gives for the first chunk named, so that a checkpoint's cut sees a change whole or not at all.
/// </summary>
internal sealed class ExceptionPublisher(
    IExceptionTable table, Journal journal, MetadataState metadata, ExtentAllocator extents, PoolHealth health, ResolvedMap resolved)
{
    /// <summary>Replaces the exception of one chunk of a head layer, whose gate the caller has passed or closed; an extent that is no longer named waits for the commit and becomes free.</summary>
    public void Publish(Layer layer, long chunk, in ChunkException before, in ChunkException next)
    {
        if (next.Equals(before))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[64];
        EntryWriter entry = new(buffer);
        entry.ExceptionPut(layer.Id, chunk, next);
        long sequence = Append(entry.Written);
        PutInHead(layer, chunk, before, next);
        if (before.HasExtent && before.Extent != next.Extent)
        {
            // A promised chunk that loses its extent is promised another one.
            extents.FreeAfterCommit(before.Extent, sequence, next.HasExtent ? null : layer.PromisedTo(chunk));
        }
    }

    /// <summary>
    /// Adds written blocks to the exceptions of their chunks, and extends the volume if it has a new record, in one journal record. The locks of all
    /// chunks with new blocks are held; with a new record the metadata lock too.
    /// </summary>
    public void PublishWrite(ReadOnlySpan<ChunkClaim> claims, Span<byte> buffer, VolumeRecord? extended, bool isDeferred)
    {
        Span<ChunkException> before = stackalloc ChunkException[claims.Length];
        Span<ChunkException> next = stackalloc ChunkException[claims.Length];
        EntryWriter entries = new(buffer);
        for (int i = 0; i < claims.Length; i++)
        {
            ref readonly ChunkClaim claim = ref claims[i];
            if (claim.Exclusive == 0)
            {
                continue;
            }

            // Others may have published their blocks of this chunk since the claim was granted.
            ChunkException now = table.Get(claim.Layer.Id, claim.Chunk);
            before[i] = now;
            next[i] = new ChunkException(
                claim.Extent, (ushort)(now.PresentBlocks | claim.Exclusive), (ushort)(now.ZeroBlocks & ~claim.Exclusive), now.Flags,
                (ushort)(now.LostBlocks & ~claim.Exclusive));
            if (!next[i].Equals(now))
            {
                entries.ExceptionPut(claim.Layer.Id, claim.Chunk, next[i]);
            }
        }

        if (extended is not null)
        {
            entries.VolumePut(extended);
        }

        if (entries.LengthBytes == 0)
        {
            return;
        }

        Append(entries.Written, isDeferred);
        for (int i = 0; i < claims.Length; i++)
        {
            PutInHead(claims[i].Layer, claims[i].Chunk, before[i], next[i]);
        }

        if (extended is not null)
        {
            metadata.Apply(entries.Written, static (_, _, _) => { });
        }
    }

    /// <summary>
    /// Moves what a chunk holds in <paramref name="from"/> up into <paramref name="to"/>, in one record. Extents named before and not
    /// afterwards become free after the commit.
    /// </summary>
    public void PublishMove(
        Layer to, long chunk, in ChunkException toBefore, in ChunkException toNext, Layer from, in ChunkException fromBefore)
    {
        Span<byte> buffer = stackalloc byte[64];
        EntryWriter entry = new(buffer);
        if (!toNext.Equals(toBefore))
        {
            entry.ExceptionPut(to.Id, chunk, toNext);
        }

        entry.ExceptionPut(from.Id, chunk, default);
        long sequence = Append(entry.Written);
        Put(to, chunk, toBefore, toNext);
        Put(from, chunk, fromBefore, default);
        if (!toBefore.HasExtent && toNext.HasExtent && to.PromisedTo(chunk) is { } reservation)
        {
            extents.NoLongerNeeded(reservation);
        }

        if (toBefore.HasExtent && toBefore.Extent != toNext.Extent)
        {
            extents.FreeAfterCommit(toBefore.Extent, sequence);
        }

        if (fromBefore.HasExtent && fromBefore.Extent != toNext.Extent)
        {
            extents.FreeAfterCommit(fromBefore.Extent, sequence);
        }
    }

    /// <summary>
    /// Says that what a layer holds of a chunk is on another extent, and the one before out of use for good, in one record. The metadata lock is held, and
    /// walks are told.
    /// </summary>
    public void PublishRemap(Layer layer, long chunk, in ChunkException before, in ChunkException next)
    {
        Span<byte> buffer = stackalloc byte[64];
        EntryWriter entries = new(buffer);
        entries.ExceptionPut(layer.Id, chunk, next);
        entries.RetiredPut(before.Extent);
        Append(entries.Written);
        Put(layer, chunk, before, next);
        metadata.Apply(entries.Written, static (_, _, _) => { });
        extents.Retire(before.Extent);
    }

    /// <summary>Removes a whole group's exceptions of a layer that nobody reads any more, in one record.</summary>
    public void Drop(Layer layer, long group, ReadOnlySpan<ChunkException> exceptions)
    {
        Span<byte> buffer = stackalloc byte[IExceptionTable.GroupChunks * 32];
        EntryWriter entry = new(buffer);
        long first = group * IExceptionTable.GroupChunks;
        for (int i = 0; i < exceptions.Length; i++)
        {
            if (!exceptions[i].IsEmpty)
            {
                entry.ExceptionPut(layer.Id, first + i, default);
            }
        }

        if (entry.LengthBytes == 0)
        {
            return;
        }

        long sequence = Append(entry.Written);
        for (int i = 0; i < exceptions.Length; i++)
        {
            if (!exceptions[i].IsEmpty)
            {
                Put(layer, first + i, exceptions[i], default);
                if (exceptions[i].HasExtent)
                {
                    extents.FreeAfterCommit(exceptions[i].Extent, sequence);
                }
            }
        }
    }

    /// <summary>Writes the records of deferred writes out.</summary>
    public void Settle()
    {
        try
        {
            journal.WriteDeferred();
        }
        catch (Exception e)
        {
            health.NoteJournalError(e, journal.HasFailed);
            throw;
        }
    }

    private long Append(ReadOnlySpan<byte> entries, bool isDeferred = false)
    {
        health.ThrowIfFailed();
        try
        {
            return isDeferred ? journal.AppendDeferred(RecordKind.Entries, entries) : journal.Append(RecordKind.Entries, entries);
        }
        catch (Exception e)
        {
            health.NoteJournalError(e, journal.HasFailed);
            throw;
        }
    }

    /// <summary>Puts an exception of a head, and makes the resolved map forget the chunk before the change is acknowledged or an extent freed.</summary>
    private void PutInHead(Layer head, long chunk, in ChunkException before, in ChunkException next)
    {
        if (next.Equals(before))
        {
            return;
        }

        if (head.Parent is null || head.Writer is not { } volume)
        {
            Put(head, chunk, before, next);
            return;
        }

        // Inside the gate the view stays: begin and end name the same slot.
        long mapId = volume.View.MapId;
        resolved.BeginChange(mapId, chunk);
        try
        {
            Put(head, chunk, before, next);
        }
        finally
        {
            resolved.EndChange(mapId, chunk);
        }
    }

    private void Put(Layer layer, long chunk, in ChunkException before, in ChunkException next)
    {
        if (next.Equals(before))
        {
            return;
        }

        try
        {
            if (!next.IsEmpty)
            {
                layer.Groups.Add(chunk / IExceptionTable.GroupChunks);
            }

            table.Put(layer.Id, chunk, next);
        }
        catch (Exception e)
        {
            // The journal already says otherwise: what is in memory no longer counts.
            health.Lose(e);
            throw;
        }

        layer.AddOwned((next.HasExtent ? 1 : 0) - (before.HasExtent ? 1 : 0));
    }
}
