using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Proves the rules on an open pool: every extent owned once and in range, masks sane, counters exact, nothing taken that nobody holds. All
/// changes wait while it looks.
/// </summary>
internal sealed class PoolChecker(PoolCore core)
{
    private const int MaxProblems = 100;
    private readonly List<string> _problems = [];
    private readonly HashSet<long> _owned = [];
    private long _exceptions;

    public CheckReport Run()
    {
        lock (core.MetadataLock)
        {
            core.Pending.LockAll();
            try
            {
                foreach (Layer layer in core.Metadata.Tree.Layers)
                {
                    CheckLayer(layer);
                }

                foreach (Volume volume in core.Metadata.Volumes)
                {
                    CheckVolume(volume);
                }

                CheckAccounting();
            }
            finally
            {
                core.Pending.UnlockAll();
            }

            return new CheckReport(
                _problems, core.Metadata.Volumes.Count, core.Metadata.Tree.Count, _exceptions, _owned.Count, core.Extents.TotalCount);
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
        }

        Expect(layer.OwnedCount == _owned.Count - ownedBefore, $"layer {layer.Id} counts {layer.OwnedCount} extents but owns {_owned.Count - ownedBefore}");
    }

    private void CheckException(Layer layer, long chunk, in ChunkException exception)
    {
        _exceptions++;
        string where = $"layer {layer.Id} chunk {chunk}";
        Expect((exception.PresentBlocks & exception.ZeroBlocks) == 0, $"{where}: blocks are both present and zero ({exception})");
        Expect((exception.DecidedBlocks & ~core.Geometry.AllBlocks) == 0, $"{where}: blocks beyond the chunk ({exception})");
        Expect(exception.HasExtent == (exception.PresentBlocks != 0), $"{where}: an extent without blocks, or blocks without one ({exception})");
        if (exception.HasExtent)
        {
            long slot = ExtentAddress.SlotOf(exception.Extent);
            int node = ExtentAddress.NodeOf(exception.Extent);
            Expect(
                node < core.Nodes.All.Count && slot < core.Nodes[node].Record.ExtentCount, $"{where}: its extent {exception.Extent} does not exist");
            Expect(_owned.Add(exception.Extent), $"{where}: its extent {exception.Extent} has another owner");
            Expect(core.Extents.IsTaken(exception.Extent), $"{where}: its extent {exception.Extent} counts as free");
        }
    }

    private void CheckVolume(Volume volume)
    {
        Expect(core.Metadata.Tree.Find(volume.Head.Id) == volume.Head, $"{volume.Record.Name}: its layer {volume.Head.Id} is not in the tree");
        Expect(volume.IsReadOnly || volume.Head.Children.Count == 0, $"{volume.Record.Name}: others depend on its head layer {volume.Head.Id}");
        Expect(volume.IsReadOnly || volume.Head.NameCount == 1, $"{volume.Record.Name}: its head layer {volume.Head.Id} is shared");
    }

    private void CheckAccounting()
    {
        long held = core.Pending.HeldExtents.LongCount();
        (long total, long free, int waiting) = core.Extents.Counts;
        long taken = total - free;
        Expect(
            taken == _owned.Count + held + waiting,
            $"{taken} extents are taken, but {_owned.Count} are owned, {held} held by writes and {waiting} waiting to be free");
    }

    private void Expect(bool condition, string problem)
    {
        if (!condition && _problems.Count < MaxProblems)
        {
            _problems.Add(problem);
        }
    }
}
