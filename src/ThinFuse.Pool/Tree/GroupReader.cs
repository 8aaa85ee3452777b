using System.Runtime.CompilerServices;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Walks the layers once for a whole group of neighbouring chunks, to keep what it finds in the resolved map. The table hands out a group for little
/// more than a chunk, so that a volume with many layers is known after a walk for every group, not for every chunk. Lock-free.
/// </summary>
internal sealed class GroupReader(IExceptionTable table, RestructureLock moves, ResolvedMap resolved, OriginSet origins, ushort allBlocks)
{
    private const int Chunks = IExceptionTable.GroupChunks;
    private const int Blocks = ChunkException.MaxBlocks;

    /// <summary>Layers with something in a group from which on a walk for all of it is better than one for a chunk.</summary>
    private const int WorthwhileLayers = 4;

    /// <summary>Whether so many layers hold something of a group that a reader of one chunk should take its neighbours along.</summary>
    public static bool IsWorthwhile(Layer top, long group)
    {
        int holders = 0;
        for (Layer? layer = top; layer is not null && holders < WorthwhileLayers; layer = layer.Parent)
        {
            holders += layer.Groups.Contains(group) ? 1 : 0;
        }

        return holders == WorthwhileLayers;
    }

    /// <summary>Looks up all blocks of a chunk, and keeps what can be kept of its group: a chunk that changes meanwhile is left out.</summary>
    /// <returns>False when the chunk itself changed meanwhile, or the volume has another view: begin anew.</returns>
    [SkipLocalsInit]
    public bool TryResolve(Volume volume, ReadView view, long chunk, Span<long> blockExtents, out ushort foundBlocks)
    {
        Span<long> states = stackalloc long[Chunks];
        Span<long> sequences = stackalloc long[Chunks];
        Span<ushort> found = stackalloc ushort[Chunks];
        Span<long> extents = stackalloc long[Chunks * Blocks];
        (long group, long wantedIndex) = Math.DivRem(chunk, Chunks);
        long first = group * Chunks;
        for (int i = 0; i < Chunks; i++)
        {
            states[i] = resolved.StateOf(view.MapId, first + i);
            sequences[i] = moves.BeginWalk(first + i);
        }

        Walk(view.Head, group, found, extents);
        foundBlocks = found[(int)wantedIndex];
        extents.Slice((int)wantedIndex * Blocks, Blocks).CopyTo(blockExtents);
        if (!ChainReader.IsCurrent(volume, view))
        {
            return false;
        }

        bool isValid = false;
        for (int i = 0; i < Chunks; i++)
        {
            if (moves.WalkIsValid(first + i, sequences[i]))
            {
                isValid |= i == wantedIndex;
                resolved.TryFill(view.MapId, first + i, states[i], sequences[i], found[i], extents.Slice(i * Blocks, Blocks));
            }
        }

        return isValid;
    }

    [SkipLocalsInit]
    private void Walk(Layer top, long group, Span<ushort> found, Span<long> extents)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[Chunks];
        Span<ushort> wanted = stackalloc ushort[Chunks];
        wanted.Fill(allBlocks);
        found.Clear();
        extents.Fill(-1);
        bool anyWanted = true;
        for (Layer? layer = top; layer is not null && anyWanted;)
        {
            // The parent before the limit: a merge lowers the limit before it links past the layer that had it.
            Layer? below = layer.Parent;
            long visible = layer.VisibleChunks - (group * Chunks);
            if (layer.Groups.Contains(group) && table.GetGroup(layer.Id, group, exceptions))
            {
                Apply(exceptions, wanted, found, extents);
                anyWanted = wanted.ContainsAnyExcept((ushort)0);
            }

            if (visible < Chunks)
            {
                wanted[(int)Math.Max(0, visible)..].Clear();
                anyWanted = wanted.ContainsAnyExcept((ushort)0);
            }

            if (below is null && anyWanted && layer.Origin is { } origin)
            {
                TakeFromOrigin(origin, group, wanted, found, extents);
            }

            layer = below;
        }
    }

    private void TakeFromOrigin(OriginRecord origin, long group, ReadOnlySpan<ushort> wanted, Span<ushort> found, Span<long> extents)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            found[i] |= origins.TakeWanted(origin, (group * Chunks) + i, wanted[i], extents.Slice(i * Blocks, Blocks));
        }
    }

    private static void Apply(ReadOnlySpan<ChunkException> exceptions, Span<ushort> wanted, Span<ushort> found, Span<long> extents)
    {
        for (int i = 0; i < exceptions.Length; i++)
        {
            found[i] |= ChainReader.TakeWanted(exceptions[i], ref wanted[i], extents.Slice(i * Blocks, Blocks));
        }
    }
}
