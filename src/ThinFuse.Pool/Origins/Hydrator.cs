using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Origins;

/// <summary>
/// Copies what only an external origin has into the layer that reads through to it, chunk by chunk, beside reads and writes of everything above; then
/// lets go of the origin. One caller at a time for an origin.
/// </summary>
/// <remarks>A chunk is copied in the reclaimer's turn, so that the layer is neither merged nor dropped meanwhile.</remarks>
internal sealed class Hydrator(PoolCore core, Reclaimer reclaimer, BounceBuffers bounces, uint originId)
{
    /// <summary>After so much the place is put on record, so that the next opening goes on near it.</summary>
    private const long RecordEveryBytes = 16L << 20;

    private readonly ChunkHydrator _copier = new(core, bounces);
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

                if (_copier.TryCopy(layer, origin, chunk, out copiedBytes))
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
        using MoveScope move = core.Moves.MoveAll();
        core.Change(entry.Written);
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
}
