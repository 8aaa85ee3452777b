using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>
/// Proves the rules on an open pool: every extent owned once and in range, masks sane, layers and volumes linked as they say, counters exact, nothing taken
/// that nobody holds. All changes wait while it looks.
/// </summary>
/// <param name="core">The pool.</param>
/// <param name="progress">Is told how much is done, 0 to 1.</param>
internal sealed class PoolChecker(PoolCore core, IProgress<double>? progress = null)
{
    private const int GroupsPerReport = 4096;
    private readonly ProblemList _problems = new();
    private OwnedBitmap _owned = new([]);
    private long _exceptions;
    private long _groups;
    private long _lostBlocks;

    /// <summary>Looks at everything.</summary>
    /// <param name="log">The log that the table was recovered from, to find exceptions that no list of groups knows of; null when the pool is in use.</param>
    public CheckReport Run(TableLogReader? log = null)
    {
        lock (core.MetadataLock)
        {
            core.Pending.LockAll();
            try
            {
                _owned = new OwnedBitmap(core.Metadata.Nodes);
                foreach (Layer layer in core.Metadata.Tree.Layers)
                {
                    CheckLayer(layer);
                }

                new VolumeChecker(core.Metadata, _problems).Run();
                new AccountingChecker(core, _problems).Run(_owned.Count);
                if (log is not null)
                {
                    CheckCoverage(log);
                }
            }
            finally
            {
                core.Pending.UnlockAll();
            }

            progress?.Report(1);
            return new CheckReport(
                _problems.All, core.Metadata.Volumes.Count, core.Metadata.Tree.Count, _exceptions, _owned.Count, core.Extents.TotalCount)
            {
                RetiredExtents = core.Metadata.Retired.Count,
                LostBytes = _lostBlocks * core.Geometry.BlockBytes,
            };
        }
    }

    private void CheckLayer(Layer layer)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        long ownedBefore = _owned.Count;
        for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            core.Table.GetGroup(layer.Id, group, exceptions);
            for (int i = 0; i < exceptions.Length; i++)
            {
                if (!exceptions[i].IsEmpty)
                {
                    CheckException(layer, (group * IExceptionTable.GroupChunks) + i, exceptions[i]);
                }
            }

            if (++_groups % GroupsPerReport == 0)
            {
                progress?.Report((double)_owned.Count / Math.Max(1, core.Extents.TotalCount - core.Extents.FreeCount));
            }
        }

        if (layer.OwnedCount != _owned.Count - ownedBefore)
        {
            _problems.Add(CheckProblemKinds.Layer, $"layer {layer.Id} counts {layer.OwnedCount} extents but owns {_owned.Count - ownedBefore}");
        }
    }

    private void CheckException(Layer layer, long chunk, in ChunkException exception)
    {
        _exceptions++;
        _lostBlocks += BitOperations.PopCount(exception.LostBlocks);
        if (ExceptionRules.Broken(exception, core.Geometry) is { } broken)
        {
            At(CheckProblemKinds.Mask, $"{broken} ({exception})");
        }

        if (!exception.HasExtent)
        {
            return;
        }

        if (!_owned.Exists(exception.Extent))
        {
            At(CheckProblemKinds.Extent, $"its extent {exception.Extent} does not exist");
            return;
        }

        if (!_owned.TryTake(exception.Extent))
        {
            At(CheckProblemKinds.Extent, $"its extent {exception.Extent} has another owner too");
        }

        if (core.Metadata.Retired.Contains(exception.Extent))
        {
            At(CheckProblemKinds.Extent, $"its extent {exception.Extent} is retired");
        }

        if (!core.Extents.IsTaken(exception.Extent))
        {
            At(CheckProblemKinds.Extent, $"its extent {exception.Extent} counts as free");
        }

        void At(string kind, string message) => _problems.AddAt(core.Metadata, core.Geometry, layer, chunk, kind, message);
    }

    /// <summary>A group that no list knows is never read: what it holds would be missing from its volumes, and its extents would count as free.</summary>
    private void CheckCoverage(TableLogReader log)
    {
        ChunkException[] exceptions = new ChunkException[IExceptionTable.GroupChunks];
        HashSet<(uint Layer, long Group)> told = [];
        log.Run((key, _, _) =>
        {
            Layer? layer = core.Metadata.Tree.Find(key.Layer);
            if (layer?.Groups.Contains(key.Group) == true || !core.Table.GetGroup(key.Layer, key.Group, exceptions) || !told.Add((key.Layer, key.Group)))
            {
                return;
            }

            if (layer is null)
            {
                _problems.Add(CheckProblemKinds.Groups, $"the table holds exceptions of layer {key.Layer}, which does not exist");
            }
            else
            {
                _problems.AddAt(
                    core.Metadata, core.Geometry, layer, key.Group * IExceptionTable.GroupChunks, CheckProblemKinds.Groups,
                    $"the layer's list of groups misses group {key.Group}");
            }
        });
    }
}
