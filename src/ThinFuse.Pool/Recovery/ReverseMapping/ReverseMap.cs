using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.ReverseMapping;

/// <summary>Finds who reads an extent. Nothing is kept for it: it looks through the exceptions, and asks each layer above for what it hides.</summary>
internal sealed class ReverseMap(PoolCore core)
{
    /// <exception cref="PoolException">Usage: there is no such place.</exception>
    public ExtentUse Find(ExtentPlace place)
    {
        lock (core.MetadataLock)
        {
            core.Pending.LockAll();
            try
            {
                long extent = ExtentOf(place);
                (Node node, long offsetBytes) = core.Nodes.Locate(extent);
                ExtentUse use = new(
                    extent, node.Id, node.Path, offsetBytes, core.Geometry.ChunkBytes,
                    core.Metadata.Retired.Contains(extent) ? ExtentState.Retired : core.Extents.IsTaken(extent) ? ExtentState.Waiting : ExtentState.Free,
                    null, null, []);
                return use.State == ExtentState.Waiting ? Owned(use) : use;
            }
            finally
            {
                core.Pending.UnlockAll();
            }
        }
    }

    private long ExtentOf(ExtentPlace place)
    {
        if (place.Node < 0 || place.Node >= core.Nodes.All.Count)
        {
            throw new PoolException(PoolErrorKind.Usage, $"there is no node n-{place.Node}; 'thinfuse pool status' shows those there are");
        }

        Node node = core.Nodes[place.Node];
        if (place.OffsetBytes is >= 0 and < Node.DataStartBytes)
        {
            throw new PoolException(PoolErrorKind.Usage, $"the first {Node.DataStartBytes} bytes of {node.Id} hold its label, no extent; name a byte behind them");
        }

        long slot = place.OffsetBytes is { } offsetBytes ? (offsetBytes - Node.DataStartBytes) >> core.Geometry.ChunkShift : place.Slot;
        return slot >= 0 && slot < node.Record.ExtentCount
            ? ExtentAddress.Make(place.Node, slot)
            : throw new PoolException(
                PoolErrorKind.Usage, $"{node.Id} has {node.Record.ExtentCount} extents, which end at byte {node.OffsetOf(node.Record.ExtentCount)}; name one of them");
    }

    private ExtentUse Owned(ExtentUse use)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        foreach (Layer layer in core.Metadata.Tree.Layers.Where(layer => layer.OwnedCount > 0))
        {
            for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
            {
                core.Table.GetGroup(layer.Id, group, exceptions);
                for (int i = 0; i < exceptions.Length; i++)
                {
                    if (exceptions[i].Extent == use.Extent)
                    {
                        long chunk = (group * IExceptionTable.GroupChunks) + i;
                        return use with
                        {
                            State = ExtentState.Owned,
                            Layer = layer.Id,
                            LayerOffsetBytes = chunk << core.Geometry.ChunkShift,
                            Readers = Readers(use, layer, chunk, exceptions[i].PresentBlocks),
                        };
                    }
                }
            }
        }

        return use;
    }

    private List<ExtentReader> Readers(ExtentUse use, Layer owner, long chunk, ushort present)
    {
        List<ExtentReader> readers = [];
        foreach (Volume volume in core.Metadata.Volumes.OrderBy(volume => volume.Record.Name, StringComparer.Ordinal))
        {
            AddParts(use, volume, chunk, Visible(volume, owner, chunk, present), readers);
        }

        return readers;
    }

    /// <summary>The blocks of the owner's that a volume sees: those that no layer above decides, and no shrink has cut off.</summary>
    private ushort Visible(Volume volume, Layer owner, long chunk, ushort present)
    {
        int hidden = 0;
        for (Layer at = volume.Head; at != owner; at = at.Parent)
        {
            if (at.Parent is null || chunk >= at.VisibleChunks)
            {
                return 0;
            }

            hidden |= core.Table.Get(at.Id, chunk).DecidedBlocks;
        }

        return (ushort)(present & ~hidden);
    }

    private void AddParts(ExtentUse use, Volume volume, long chunk, ushort visible, List<ExtentReader> readers)
    {
        for (int block = 0; block < core.Geometry.BlocksPerChunk; block++)
        {
            int first = block;
            while (block < core.Geometry.BlocksPerChunk && (visible & (1 << block)) != 0)
            {
                block++;
            }

            long within = (long)first * core.Geometry.BlockBytes;
            long offsetBytes = (chunk << core.Geometry.ChunkShift) + within;
            long lengthBytes = Math.Min((long)(block - first) * core.Geometry.BlockBytes, volume.Record.SizeBytes - offsetBytes);
            if (lengthBytes > 0)
            {
                readers.Add(new ExtentReader(volume.Record.Name, offsetBytes, lengthBytes, use.OffsetBytes + within));
            }
        }
    }
}
