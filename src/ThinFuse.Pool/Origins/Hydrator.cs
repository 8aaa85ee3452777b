using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Origins;

/// <summary>
/// Copies what only an external origin has into the layer that reads through to it, chunk by chunk, beside reads and writes of everything above; then
/// lets go of the origin. One caller at a time for an origin.
/// </summary>
/// <remarks>
/// A chunk is copied in the reclaimer's turn, so that the layer is neither merged nor dropped meanwhile; and under a claim, inside
/// the gate when the layer is a volume's head, so that a write beside it is not lost. What readers see is the same before and after.
/// </remarks>
internal sealed class Hydrator(PoolCore core, Reclaimer reclaimer, BounceBuffers bounces, uint originId)
{
    /// <summary>After so much the place is put on record, so that the next opening goes on near it.</summary>
    private const long RecordEveryBytes = 16L << 20;

    private Layer? _layer;
    private long _nextChunk = -1;

    /// <summary>Everything before this place is in the pool, or is a hole.</summary>
    public long PlaceBytes => Math.Max(0, _nextChunk) << core.Geometry.ChunkShift;

    /// <summary>Whether a layer still reads through to the origin.</summary>
    public bool IsNeeded => FindLayer() is not null;

    /// <summary>Copies the next chunk that needs it.</summary>
    /// <param name="stop">Ends the wait for a merge.</param>
    /// <param name="copiedBytes">What was copied; 0 where writes came first.</param>
    /// <returns>False when there is nothing left to copy.</returns>
    /// <exception cref="PoolException">NoSpace: what was copied stays, and it may be called again.</exception>
    /// <exception cref="StorageException">The origin or a node refused.</exception>
    public bool CopyNext(CancellationToken stop, out long copiedBytes)
    {
        try
        {
            return TryCopyNext(stop, out copiedBytes);
        }
        catch (StorageException e) when (e.IsNoSpace)
        {
            core.Host.NoteFull();
            throw new PoolException(PoolErrorKind.NoSpace, "the filesystem that holds the pool's nodes has no room for more of the origin; make room there", e);
        }
    }

    /// <summary>
    /// Lets go of the origin when nothing is left to copy: what is in the pool is made durable first. Durable when it returns; the file may be removed.
    /// False when the layer is gone, and nothing was to be done.
    /// </summary>
    public bool LetGo(CancellationToken stop)
    {
        reclaimer.Turn.Wait(stop);
        try
        {
            if (FindLayer() is not { } layer)
            {
                return false;
            }

            core.Commit();
            lock (core.MetadataLock)
            {
                RemoveOrigin(layer);
            }
        }
        finally
        {
            reclaimer.Turn.Release();
        }

        core.Commit();
        core.Epoch.WaitForGrace();
        lock (core.MetadataLock)
        {
            core.Origins.CloseOthers(core.Metadata.Tree.OriginIds());
        }

        return true;
    }

    private bool TryCopyNext(CancellationToken stop, out long copiedBytes)
    {
        copiedBytes = 0;
        for (bool isRetry = false; ; isRetry = true)
        {
            reclaimer.Turn.Wait(stop);
            try
            {
                if (FindLayer() is not { } layer || layer.Origin is not { } origin)
                {
                    return false;
                }

                _nextChunk = Math.Max(_nextChunk, origin.HydratedBytes >> core.Geometry.ChunkShift);
                long chunk = core.Origins.NextChunk(origin, _nextChunk);
                if (chunk < 0 || chunk >= layer.VisibleChunks)
                {
                    return false;
                }

                if (TryCopy(layer, origin, chunk, out copiedBytes))
                {
                    _nextChunk = chunk + 1;
                    RecordPlace(layer, origin);
                    return true;
                }
            }
            finally
            {
                reclaimer.Turn.Release();
            }

            if (isRetry || !core.TryReturnSpace(1))
            {
                core.NoteOutOfSpace(1);
                throw new PoolException(
                    PoolErrorKind.NoSpace, "the pool has no free extent for more of the origin; grow it, discard, or delete something");
            }
        }
    }

    private void RemoveOrigin(Layer layer)
    {
        Span<byte> buffer = stackalloc byte[16];
        EntryWriter entry = new(buffer);
        entry.OriginRemove(layer.Id);

        // Answers that name the origin are no longer given, and walks that saw it begin anew.
        lock (core.Moves.Moving)
        {
            core.Moves.BeginMoveOfAll();
            try
            {
                core.Change(entry.Written);
            }
            finally
            {
                core.Moves.EndMoveOfAll();
            }
        }
    }

    /// <summary>The layer that reads through to the origin now; null when no layer does. Merges hand it on to the layer above.</summary>
    private Layer? FindLayer()
    {
        lock (core.MetadataLock)
        {
            LayerTree tree = core.Metadata.Tree;
            bool isCurrent = _layer?.Origin?.Id == originId && tree.Find(_layer!.Id) == _layer;
            return isCurrent ? _layer : _layer = tree.Layers.FirstOrDefault(layer => layer.Origin?.Id == originId);
        }
    }

    private void RecordPlace(Layer layer, OriginRecord origin)
    {
        if (PlaceBytes - origin.HydratedBytes >= RecordEveryBytes)
        {
            lock (core.MetadataLock)
            {
                Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
                EntryWriter entry = new(buffer);
                entry.OriginPut(layer.Id, layer.Origin! with { HydratedBytes = Math.Min(PlaceBytes, origin.LimitBytes) });
                core.Change(entry.Written);
            }
        }
    }

    /// <summary>False when there is no extent.</summary>
    private bool TryCopy(Layer layer, OriginRecord origin, long chunk, out long copiedBytes)
    {
        // A layer that has no writer is frozen, and stays so; one that has is left by it only with the gate closed.
        Volume? writer;
        while ((writer = layer.Writer) is not null)
        {
            writer.Gate.Enter();
            if (layer.Writer == writer)
            {
                break;
            }

            writer.Gate.Exit();
        }

        try
        {
            return TryCopyInside(layer, origin, chunk, isFrozen: writer is null, out copiedBytes);
        }
        finally
        {
            writer?.Gate.Exit();
        }
    }

    /// <summary>Copies; a chunk whose extent cannot be written is moved off it first.</summary>
    private bool TryCopyInside(Layer layer, OriginRecord origin, long chunk, bool isFrozen, out long copiedBytes)
    {
        Replacing replacing = new(core.Remaps);
        while (true)
        {
            try
            {
                return TryCopyClaimed(layer, origin, chunk, isFrozen, out copiedBytes);
            }
            catch (StorageException e) when (replacing.Takes(e))
            {
                // Outside, where nothing is claimed.
            }
            catch (StorageException e) when (!e.IsNoSpace)
            {
                throw new PoolException(PoolErrorKind.Failed, $"offset {chunk << core.Geometry.ChunkShift}: {e.Message}", e);
            }

            replacing.Replace(layer, chunk);
        }
    }

    private bool TryCopyClaimed(Layer layer, OriginRecord origin, long chunk, bool isFrozen, out long copiedBytes)
    {
        copiedBytes = 0;
        ChunkClaim claim = core.Pending.ClaimWhole(layer, chunk);
        try
        {
            ExternalOrigin file = core.Origins.Find(origin.Id)!;
            ushort missing = MissingBlocks(origin, file, chunk, claim.Before);
            if (missing == 0)
            {
                return true;
            }

            bool isArrival = isFrozen && !claim.Before.HasExtent;
            if (isArrival)
            {
                BeginArrival();
            }

            try
            {
                return TryCopyMissing(claim with { Exclusive = missing }, file, isFrozen, out copiedBytes);
            }
            finally
            {
                if (isArrival)
                {
                    EndArrival();
                }
            }
        }
        finally
        {
            core.Pending.Settle(claim);
        }
    }

    private bool TryCopyMissing(in ChunkClaim claim, ExternalOrigin file, bool isFrozen, out long copiedBytes)
    {
        copiedBytes = 0;

        // Writes that wait for space come first.
        long extent = core.SpaceQueue.IsEmpty ? core.Pending.ExtentFor(claim) : -1;
        if (extent < 0)
        {
            return false;
        }

        Copy(file, claim.Chunk, claim.Exclusive, extent);
        Publish(claim with { Extent = extent }, isFrozen);
        copiedBytes = (long)BitOperations.PopCount(claim.Exclusive) * core.Geometry.BlockBytes;
        return true;
    }

    /// <summary>
    /// What a volume's own layer gets falls under its size, which a strict pool has promised; what a frozen one gets is promised to nobody. Free extents
    /// do not help there, so that is no want of space that ends by itself.
    /// </summary>
    private void BeginArrival()
    {
        try
        {
            lock (core.MetadataLock)
            {
                core.Strict.BeginArrival();
            }
        }
        catch (PoolException refusal) when (refusal.Kind == PoolErrorKind.NoSpace)
        {
            throw new PoolException(PoolErrorKind.Failed, $"{refusal.Message}, and hydrate again", refusal);
        }
    }

    private void EndArrival()
    {
        lock (core.MetadataLock)
        {
            core.Strict.EndArrival();
        }
    }

    /// <summary>Blocks that the layer does not decide and that are no hole of the origin.</summary>
    private ushort MissingBlocks(OriginRecord origin, ExternalOrigin file, long chunk, in ChunkException before)
    {
        ushort missing = (ushort)(core.Origins.BlocksOf(origin, chunk) & ~before.DecidedBlocks);
        for (int rest = missing; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            long start = (chunk << core.Geometry.ChunkShift) + ((long)block * core.Geometry.BlockBytes);
            if (file.IsHole(start, start + core.Geometry.BlockBytes))
            {
                missing &= (ushort)~(1 << block);
            }
        }

        return missing;
    }

    /// <summary>Copies runs of blocks.</summary>
    private void Copy(ExternalOrigin file, long chunk, ushort missing, long extent)
    {
        int blockBytes = core.Geometry.BlockBytes;
        (Node target, long targetOffset) = core.Nodes.Locate(extent);
        AlignedBuffer bounce = bounces.Rent();
        try
        {
            int mostBlocks = bounce.LengthBytes / blockBytes;
            for (int rest = missing; rest != 0;)
            {
                int first = BitOperations.TrailingZeroCount(rest);
                int count = Math.Min(mostBlocks, BitOperations.TrailingZeroCount(~(rest >> first)));
                Span<byte> piece = bounce.Span[..(count * blockBytes)];
                file.ReadShown((chunk << core.Geometry.ChunkShift) + ((long)first * blockBytes), piece);
                target.Write(targetOffset + ((long)first * blockBytes), piece);
                rest &= ~(((1 << count) - 1) << first);
            }
        }
        finally
        {
            bounces.Return(bounce);
        }
    }

    private void Publish(in ChunkClaim claim, bool isFrozen)
    {
        Span<byte> record = stackalloc byte[EntryWriter.ExceptionEntryBytes + 64];
        if (!isFrozen)
        {
            core.Pending.Publish([claim], record, null);
            return;
        }

        // A change in a frozen layer, which what is kept of walks must not outlive. The shard's lock first: nobody spins for long.
        lock (core.Pending.LockOf(claim.Layer, claim.Chunk))
        {
            lock (core.Moves.Moving)
            {
                core.Moves.BeginMove(claim.Chunk);
                try
                {
                    core.Pending.Publish([claim], record, null);
                }
                finally
                {
                    core.Moves.EndMove(claim.Chunk);
                }
            }
        }
    }
}
