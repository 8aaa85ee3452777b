using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Differences;

/// <summary>Where the layers of two files part: what lies below is common to both, and only what lies above can make a difference.</summary>
/// <remarks>
/// It holds for as long as both views are those of their volumes and both volumes are open. Merges meanwhile stay inside of it: a layer apart can merge only
/// into one above it, which is apart too; the uppermost common layer has two children or a name, and so merges into none.
/// </remarks>
internal sealed class Fork
{
    private readonly List<Layer> _apart = [];
    private long _fromLimit = long.MaxValue;
    private long _toLimit = long.MaxValue;

    private Fork(ReadView? from, ReadView to)
    {
        From = from;
        To = to;
    }

    /// <summary>What the earlier file is read through; null for an empty file.</summary>
    public ReadView? From { get; }

    /// <summary>What the later file is read through.</summary>
    public ReadView To { get; }

    /// <summary>The uppermost layer that both read through; null when there is none.</summary>
    public Layer? Common { get; private set; }

    /// <summary>Finds it; the metadata lock is held, so that no layer goes meanwhile.</summary>
    /// <param name="from">The earlier file; null for an empty one.</param>
    /// <param name="fromChunks">The chunks that it has: a snapshot's layer may hold more, behind its end.</param>
    /// <param name="to">The later file.</param>
    public static Fork Find(Volume? from, long fromChunks, Volume to)
    {
        Fork fork = new(from?.View, to.View);
        HashSet<Layer> below = [];
        for (Layer? layer = fork.From?.Head; layer is not null; layer = layer.Parent)
        {
            below.Add(layer);
        }

        fork.Common = fork.To.Head;
        while (fork.Common is { } layer && !below.Contains(layer))
        {
            fork.Common = layer.Parent;
        }

        fork._toLimit = fork.TakeApart(fork.To.Head);
        fork._fromLimit = Math.Min(fromChunks, fork.From is { } view ? fork.TakeApart(view.Head) : 0);
        return fork;
    }

    /// <summary>The first group at or after this one in which the two may differ; -1 when there is none.</summary>
    public long NextGroup(long group, RestructureLock moves, OriginSet origins)
    {
        long next;
        long left;
        do
        {
            // A merge adds a group to the upper layer and then takes it from the lower one: a search that met this might find neither.
            left = moves.LeftGroups;
            next = NextGroup(group, origins);
            Volatile.ReadBarrier();
        }
        while (moves.LeftGroups != left);

        return next;
    }

    private long NextGroup(long group, OriginSet origins)
    {
        long next = long.MaxValue;
        foreach (Layer layer in _apart)
        {
            next = Sooner(next, layer, group);
        }

        if (Common is null)
        {
            next = SoonerInOrigin(SoonerInOrigin(next, From?.Head, group, origins), To.Head, group, origins);
        }

        // Chunks that a shrink, or the end, cut off on one side only: there the other shows what is common, and this one does not.
        long firstCut = Math.Min(_fromLimit, _toLimit) / IExceptionTable.GroupChunks;
        long lastCut = (Math.Max(_fromLimit, _toLimit) - 1) / IExceptionTable.GroupChunks;
        if (_fromLimit != _toLimit)
        {
            long nextCut = long.MaxValue;
            for (Layer? layer = Common; layer is not null; layer = layer.Parent)
            {
                nextCut = Sooner(nextCut, layer, Math.Max(group, firstCut));
            }

            nextCut = SoonerInOrigin(nextCut, Common, Math.Max(group, firstCut), origins);
            next = nextCut <= lastCut ? Math.Min(next, nextCut) : next;
        }

        return next == long.MaxValue ? -1 : next;
    }

    private static long Sooner(long next, Layer layer, long group)
    {
        long found = layer.Groups.NextAtOrAfter(group);
        return found >= 0 && found < next ? found : next;
    }

    /// <summary>Where nothing is common, or something is cut off, what shows of an external origin makes a difference.</summary>
    private static long SoonerInOrigin(long next, Layer? layer, long group, OriginSet origins)
    {
        if (layer is null || origins.IsEmpty)
        {
            return next;
        }

        while (layer.Parent is { } below)
        {
            layer = below;
        }

        long chunk = layer.Origin is { } origin ? origins.NextChunk(origin, group * IExceptionTable.GroupChunks) : -1;
        return chunk < 0 ? next : Math.Min(next, chunk / IExceptionTable.GroupChunks);
    }

    /// <summary>Takes the layers from a head down to the common one; the chunk from which on they show nothing of what is common.</summary>
    private long TakeApart(Layer head)
    {
        long limit = long.MaxValue;
        for (Layer? layer = head; layer is not null && layer != Common; layer = layer.Parent)
        {
            _apart.Add(layer);
            limit = Math.Min(limit, layer.VisibleChunks);
        }

        return limit;
    }
}
