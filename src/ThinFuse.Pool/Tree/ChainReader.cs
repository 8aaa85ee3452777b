using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Finds which extent each block of a chunk is read from, or that it is read from the external origin below the bottom layer: then the answer has the
/// origin's address in the extent's place; or that it is lost. Lock-free; the caller is inside the reclaim epoch while it uses the answer.
/// </summary>
internal sealed class ChainReader(IExceptionTable table, RestructureLock moves, ResolvedMap resolved, OriginSet origins, ushort allBlocks)
{
    private readonly GroupReader _groups = new(table, moves, resolved, origins, allBlocks);

    /// <summary>Looks up the wanted blocks of a volume: in the resolved map, or from its head down.</summary>
    /// <remarks>
    /// The view must still be the volume's when a walk has ended. Otherwise a snapshot may have put a new head on it, and a merge may have moved
    /// up into that head, past the walk, what the walk was looking for.
    /// </remarks>
    /// <param name="volume">The volume.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wanted">Blocks to look up.</param>
    /// <param name="blockExtents">16 long: for each wanted block the extent that holds it, or -1 for zeros; the others are undefined.</param>
    /// <returns>The wanted blocks that have data.</returns>
    public ushort Resolve(Volume volume, long chunk, ushort wanted, Span<long> blockExtents)
    {
        while (true)
        {
            ReadView view = volume.View;
            if (view.Head.Parent is null)
            {
                ushort found = Resolve(view.Head, chunk, wanted, blockExtents);
                if (IsCurrent(volume, view))
                {
                    return found;
                }
            }
            else if (resolved.TryGet(view.MapId, chunk, wanted, blockExtents, out ushort known, out long state))
            {
                return known;
            }
            else if (GroupReader.IsWorthwhile(view.Head, chunk / IExceptionTable.GroupChunks))
            {
                if (_groups.TryResolve(volume, view, chunk, blockExtents, out ushort found))
                {
                    return (ushort)(found & wanted);
                }
            }
            else
            {
                // All blocks at once: the next reader of this chunk wants others.
                ushort found = WalkUntilValid(view.Head, chunk, allBlocks, blockExtents, out long sequence);
                if (IsCurrent(volume, view))
                {
                    resolved.TryFill(view.MapId, chunk, state, sequence, found, blockExtents);
                    return (ushort)(found & wanted);
                }
            }
        }
    }

    /// <summary>Whether what was looked up through the view until now is what the volume holds.</summary>
    public static bool IsCurrent(Volume volume, ReadView view)
    {
        Volatile.ReadBarrier();
        return ReferenceEquals(volume.View, view);
    }

    /// <summary>Looks up the wanted blocks from a layer down that stays where it is: the caller is inside the gate of a volume above it.</summary>
    /// <param name="top">The first layer to look into.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wanted">Blocks to look up.</param>
    /// <param name="blockExtents">16 long: for each block the extent that holds it, or -1 for zeros.</param>
    /// <returns>The wanted blocks that have data.</returns>
    public ushort Resolve(Layer top, long chunk, ushort wanted, Span<long> blockExtents) =>
        WalkUntilValid(top, chunk, wanted, blockExtents, out _);

    /// <summary>The blocks that would show data of lower layers, or of an external origin, if a head decided nothing; the caller is inside its gate.</summary>
    public ushort ResolveBelow(Layer head, long chunk, ushort wanted, Span<long> blockExtents)
    {
        // The parent before the limit and the origin, as in a walk.
        Layer? below = head.Parent;
        return chunk >= head.VisibleChunks ? (ushort)0
            : below is not null ? Resolve(below, chunk, wanted, blockExtents)
            : head.Origin is { } origin ? (ushort)(wanted & origins.BlocksOf(origin, chunk))
            : (ushort)0;
    }

    /// <summary>
    /// The first chunk at or after <paramref name="chunk"/> that may show something: whose group has records in the layer or one below it, or where
    /// the external origin has data; -1 when there is none.
    /// </summary>
    public long NextChunkWithRecords(Layer top, long chunk, long endChunk)
    {
        long next;
        long nextInOrigin;
        long left;
        do
        {
            // A merge adds a group to the upper layer and then takes it from the lower one: a search from the top that met this might find neither.
            left = moves.LeftGroups;
            next = NextGroup(top, chunk / IExceptionTable.GroupChunks);
            nextInOrigin = NextInOrigin(top, chunk);
            Volatile.ReadBarrier();
        }
        while (moves.LeftGroups != left);

        long nextChunk = next < 0 ? -1 : Math.Max(chunk, next * IExceptionTable.GroupChunks);
        nextChunk = nextInOrigin >= 0 && (nextChunk < 0 || nextInOrigin < nextChunk) ? nextInOrigin : nextChunk;
        return nextChunk < endChunk ? nextChunk : -1;
    }

    /// <summary>One step of a walk: takes the wanted blocks that an exception has, and no longer wants those that it decides.</summary>
    /// <returns>The blocks taken.</returns>
    public static ushort TakeWanted(in ChunkException exception, ref ushort wanted, Span<long> blockExtents)
    {
        ushort here = (ushort)(wanted & exception.PresentBlocks);
        for (int rest = here; rest != 0; rest &= rest - 1)
        {
            blockExtents[BitOperations.TrailingZeroCount(rest)] = exception.Extent;
        }

        if (exception.LostBlocks != 0)
        {
            here |= TakeLost(exception, wanted, blockExtents);
        }

        wanted &= (ushort)~exception.DecidedBlocks;
        return here;
    }

    private static ushort TakeLost(in ChunkException exception, ushort wanted, Span<long> blockExtents)
    {
        ushort lost = (ushort)(wanted & exception.LostBlocks);
        for (int rest = lost; rest != 0; rest &= rest - 1)
        {
            blockExtents[BitOperations.TrailingZeroCount(rest)] = ExtentAddress.Lost;
        }

        return lost;
    }

    private static long NextGroup(Layer top, long group)
    {
        long next = -1;
        for (Layer? layer = top; layer is not null; layer = layer.Parent)
        {
            long found = layer.Groups.NextAtOrAfter(group);
            next = found >= 0 && (next < 0 || found < next) ? found : next;
        }

        return next;
    }

    private long NextInOrigin(Layer top, long chunk)
    {
        if (origins.IsEmpty)
        {
            return -1;
        }

        long visible = long.MaxValue;
        Layer bottom = top;
        for (Layer? layer = top; layer is not null;)
        {
            Layer? below = layer.Parent;
            visible = Math.Min(visible, layer.VisibleChunks);
            bottom = layer;
            layer = below;
        }

        long next = bottom.Origin is { } origin ? origins.NextChunk(origin, chunk) : -1;
        return next < visible ? next : -1;
    }

    private ushort WalkUntilValid(Layer top, long chunk, ushort wanted, Span<long> blockExtents, out long sequence)
    {
        while (true)
        {
            sequence = moves.BeginWalk(chunk);
            ushort found = Walk(top, chunk, wanted, blockExtents);
            if (moves.WalkIsValid(chunk, sequence))
            {
                return found;
            }
        }
    }

    private ushort Walk(Layer top, long chunk, ushort wanted, Span<long> blockExtents)
    {
        blockExtents[..ChunkException.MaxBlocks].Fill(-1);
        long group = chunk / IExceptionTable.GroupChunks;
        ushort found = 0;
        for (Layer? layer = top; layer is not null && wanted != 0;)
        {
            // The parent before the limit: a merge lowers the limit before it links past the layer that had it.
            Layer? below = layer.Parent;
            bool showsBelow = chunk < layer.VisibleChunks;
            if (layer.Groups.Contains(group))
            {
                found |= TakeWanted(table.Get(layer.Id, chunk), ref wanted, blockExtents);
            }

            if (below is null && showsBelow && wanted != 0 && layer.Origin is { } origin)
            {
                found |= origins.TakeWanted(origin, chunk, wanted, blockExtents);
            }

            layer = showsBelow ? below : null;
        }

        return found;
    }
}
