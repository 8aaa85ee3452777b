using System.Runtime.ExceptionServices;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Gives back what deleted names held: a leaf layer drops its extents; a layer left with one child merges into it, whole chunks changing owner
/// without I/O, and where both hold blocks of one chunk the smaller part is copied. Nothing of its progress is recorded: what is left to do
/// is plain from the tree, so it goes on after a crash. One caller at a time.
/// </summary>
/// <param name="core">The pool.</param>
/// <param name="copyThreads">How many chunks may be copied at a time.</param>
internal sealed class Reclaimer(PoolCore core, int copyThreads)
{
    private readonly LayerMerger _merger = new(core, copyThreads);

    /// <summary>
    /// Taken for each layer that is dropped or merged, before gates and locks: who holds it knows that no merge is under way. Nobody who writes waits for it.
    /// </summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Works until nothing is left to reclaim, or it is stopped; then commits, so that the space can be used.</summary>
    public void Run(CancellationToken stop)
    {
        bool any = false;
        HashSet<uint> stuck = [];
        StorageException? failure = null;
        for (bool goesOn = true; goesOn && !stop.IsCancellationRequested;)
        {
            try
            {
                any |= goesOn = ReclaimNext(stuck, stop);
            }
            catch (StorageException e) when (e.IsMediumError && !core.Health.HasFailed)
            {
                // The others can still be given back.
                failure ??= e;
            }
        }

        if (any)
        {
            core.Commit();
            core.Epoch.WaitForGrace();
            core.ReleaseFreed();
            CloseOrigins();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Reclaims a layer; false when none is left but those that are stuck. A layer is stuck until this has gone well.</summary>
    private bool ReclaimNext(HashSet<uint> stuck, CancellationToken stop)
    {
        Turn.Wait(CancellationToken.None);
        try
        {
            if (Next(stuck) is not { } layer)
            {
                return false;
            }

            stuck.Add(layer.Id);
            if (layer.Children.Count == 0)
            {
                Drop(layer, stop);
            }
            else
            {
                _merger.Merge(layer, stop);
            }

            stuck.Remove(layer.Id);
            return true;
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>Bytes that layers waiting to be reclaimed own.</summary>
    public long OutstandingBytes()
    {
        lock (core.MetadataLock)
        {
            return core.Metadata.Tree.Layers.Where(layer => layer.IsReclaimable).Sum(layer => layer.OwnedCount) * core.Geometry.ChunkBytes;
        }
    }

    private Layer? Next(HashSet<uint> stuck)
    {
        lock (core.MetadataLock)
        {
            // Leaves first: dropping costs nothing, and what lies below often becomes a leaf.
            Layer? mergeable = null;
            foreach (Layer layer in core.Metadata.Tree.Layers)
            {
                if (!layer.IsReclaimable || stuck.Contains(layer.Id))
                {
                    continue;
                }

                if (layer.Children.Count == 0)
                {
                    return layer;
                }

                mergeable ??= layer;
            }

            return mergeable;
        }
    }

    /// <summary>Closes the external origins of layers that are gone; a grace period has passed.</summary>
    private void CloseOrigins()
    {
        if (!core.Origins.IsEmpty)
        {
            lock (core.MetadataLock)
            {
                core.Origins.CloseOthers(core.Metadata.Tree.OriginIds());
            }
        }
    }

    private void Drop(Layer layer, CancellationToken stop)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            lock (core.Pending.LockOf(layer, group * IExceptionTable.GroupChunks))
            {
                if (core.Table.GetGroup(layer.Id, group, exceptions))
                {
                    core.Publisher.Drop(layer, group, exceptions);
                }

                layer.Groups.Remove(group);
            }
        }

        lock (core.MetadataLock)
        {
            Span<byte> buffer = stackalloc byte[16];
            EntryWriter entries = new(buffer);
            entries.LayerRemove(layer.Id);
            core.Change(entries.Written);
        }
    }
}
