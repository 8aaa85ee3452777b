using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Finds out which extents are owned by reading every exception there is: takes them, counts them for their layers, and forgets groups that hold none.
/// </summary>
/// <param name="state">The layers.</param>
/// <param name="table">Their exceptions.</param>
/// <param name="extents">Where they are taken.</param>
/// <param name="keepsConflicts">Whether an extent may have two owners, of which the first counts, or not exist.</param>
internal sealed class OwnedExtents(MetadataState state, IExceptionTable table, ExtentAllocator extents, bool keepsConflicts)
{
    private readonly ChunkException[] _exceptions = new ChunkException[IExceptionTable.GroupChunks];

    /// <summary>Asks the table for group after group.</summary>
    /// <exception cref="PoolException">Damaged: an extent has two owners, or does not exist.</exception>
    public void Take()
    {
        foreach (Layer layer in state.Tree.Layers)
        {
            TakeFromTable(layer, layer.Groups);
        }
    }

    /// <summary>
    /// Reads the log of the checkpoint that the table was recovered from, front to back where the table would be asked for groups all over it, and asks the
    /// table for what has changed since.
    /// </summary>
    /// <exception cref="PoolException">Damaged: an extent has two owners, or does not exist.</exception>
    public void Take(TableLogReader log, RecoveredChanges changes)
    {
        Dictionary<uint, GroupSet> left = [];
        foreach (Layer layer in state.Tree.Layers)
        {
            GroupSet groups = layer.Groups.Copy();
            GroupSet changed = changes.GroupsOf(layer.Id);
            TakeFromTable(layer, changed);
            for (long group = 0; (group = changed.NextAtOrAfter(group)) >= 0; group++)
            {
                groups.Remove(group);
            }

            left.Add(layer.Id, groups);
        }

        log.Run(
            (key, exceptions, _) =>
            {
                // Older records of the group come later, and count no more.
                if (state.Tree.Find(key.Layer) is { } layer && left[layer.Id] is { } groups && groups.Contains(key.Group))
                {
                    Take(layer, key.Group, exceptions);
                    groups.Remove(key.Group);
                }
            },
            newestFirst: true);

        if (log.Damage is { Count: > 0 } damage)
        {
            // An older record of the same group may have been taken for the newest.
            throw new PoolException(PoolErrorKind.Damaged, $"the pool's exception table is damaged: {damage[0]}");
        }

        // What no record tells of is not there: the table knows.
        foreach (Layer layer in state.Tree.Layers)
        {
            TakeFromTable(layer, left[layer.Id]);
        }
    }

    private void TakeFromTable(Layer layer, GroupSet groups)
    {
        for (long group = 0; (group = groups.NextAtOrAfter(group)) >= 0; group++)
        {
            table.GetGroup(layer.Id, group, _exceptions);
            Take(layer, group, _exceptions);
        }
    }

    private void Take(Layer layer, long group, ReadOnlySpan<ChunkException> exceptions)
    {
        int taken = 0;
        if (keepsConflicts)
        {
            for (int i = 0; i < exceptions.Length; i++)
            {
                taken += extents.TryTake(exceptions.Slice(i, 1), out _);
            }
        }
        else
        {
            taken = extents.TryTake(exceptions, out long conflicting);
            if (conflicting >= 0)
            {
                throw new PoolException(
                    PoolErrorKind.Damaged,
                    $"extent {conflicting} of layer {layer.Id} is owned twice or does not exist; restore the pool's metadata");
            }
        }

        layer.AddOwned(taken);
        if (taken == 0 && IsEmpty(exceptions))
        {
            layer.Groups.Remove(group);
        }
    }

    private static bool IsEmpty(ReadOnlySpan<ChunkException> exceptions)
    {
        foreach (ref readonly ChunkException exception in exceptions)
        {
            if (!exception.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }
}
