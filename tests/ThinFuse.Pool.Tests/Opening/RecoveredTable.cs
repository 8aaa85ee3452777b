using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Tests.Exceptions;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Tests.Opening;

/// <summary>
/// A table with several layers that outgrew its memory, was changed at random over some checkpoints, and then changed further by a journal's tail; every
/// exception has an extent of its own.
/// </summary>
internal sealed class RecoveredTable : IDisposable
{
    internal const int ExtentCount = 1 << 16;
    private const int Layers = 3;
    private const int Groups = 200;

    private readonly Random _random;
    private long _nextExtent;

    internal RecoveredTable(int seed)
    {
        _random = new Random(seed);
        for (uint layer = 1; layer <= Layers; layer++)
        {
            State.Tree.Put(new LayerRecord(layer, layer - 1, Groups * IExceptionTable.GroupChunks));
        }

        using (FasterExceptionTable before = FasterExceptionTable.Create(Disk, TableSizes.Directory, TableSizes.Tiny))
        {
            RecoveredChanges changes = new(State.Tree, before);
            for (int round = 0; round < 4; round++)
            {
                Change(changes, 600);
                before.PurgeOtherCheckpoints(Token = before.Checkpoint());
            }
        }

        Table = FasterExceptionTable.Recover(Disk, TableSizes.Directory, Token, TableSizes.Tiny);
        Changes = new RecoveredChanges(State.Tree, Table);
        Change(Changes, 200);
    }

    internal SimulatedDisk Disk { get; } = new();

    internal Guid Token { get; }

    internal MetadataState State { get; } = new();

    internal FasterExceptionTable Table { get; }

    internal RecoveredChanges Changes { get; }

    internal TableLogReader Log => new(Disk, TableSizes.Directory, Token);

    /// <summary>What an opening would find owned, and the layers' own counts, which start over.</summary>
    internal (ulong[] Owned, long[] Counts, long[] Groups) Take(Action<OwnedExtents> take)
    {
        foreach (Layer layer in State.Tree.Layers)
        {
            layer.AddOwned(-layer.OwnedCount);
        }

        ExtentAllocator extents = new(new ReclaimEpoch());
        extents.AddNode(ExtentCount);
        take(new OwnedExtents(State, Table, extents, keepsConflicts: false));
        return (extents.CopyOwned([])[0], [.. State.Tree.Layers.Select(layer => layer.OwnedCount)], [.. State.Tree.Layers.SelectMany(GroupsOf)]);
    }

    public void Dispose() => Table.Dispose();

    private static IEnumerable<long> GroupsOf(Layer layer)
    {
        for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            yield return (layer.Id << 32) | group;
        }
    }

    /// <summary>Changes neighbours, and removes some, sometimes whole groups.</summary>
    private void Change(RecoveredChanges changes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            uint layer = (uint)_random.Next(1, Layers + 1);
            bool isWholeGroup = _random.Next(4) == 0;
            long chunk = _random.Next(Groups) * IExceptionTable.GroupChunks;
            int length = isWholeGroup ? IExceptionTable.GroupChunks : _random.Next(1, 5);
            chunk += isWholeGroup ? 0 : _random.Next(IExceptionTable.GroupChunks);
            bool isRemoval = _random.Next(3) == 0;
            for (int j = 0; j < length; j++)
            {
                changes.Put(layer, chunk + j, isRemoval ? default : new ChunkException(_nextExtent++, 1, 0));
            }
        }

        changes.Flush();
    }
}
