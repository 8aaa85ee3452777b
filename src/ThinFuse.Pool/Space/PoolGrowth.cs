using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Space;

/// <summary>
/// Adds extents to an open pool; durable when a method returns. One at a time, and the metadata lock is held only to record what the host has given: a node
/// that does not answer holds up nobody else. Thread-safe.
/// </summary>
internal sealed class PoolGrowth(PoolCore core)
{
    /// <summary>Taken before the metadata lock.</summary>
    private readonly Lock _one = new();

    /// <summary>Grows the last file node so that the pool has so many bytes of extents, or takes the new length of a block device.</summary>
    /// <exception cref="PoolException">Usage (smaller than now), NoSpace (the host has no room; nothing changed).</exception>
    public void Grow(long newTotalBytes)
    {
        core.Health.ThrowIfFailed();
        lock (_one)
        {
            Node last = core.Nodes.All[^1];
            long total = core.Extents.TotalCount << core.Geometry.ChunkShift;
            if (newTotalBytes < total)
            {
                throw new PoolException(PoolErrorKind.Usage, $"the pool has {total} bytes already; it can only grow");
            }

            GrowNode(last, newTotalBytes - total + (last.Record.ExtentCount << core.Geometry.ChunkShift));
        }

        SpaceWasAdded();
    }

    /// <summary>Grows a node by so many extents.</summary>
    /// <exception cref="PoolException">NoSpace: the host has no room; nothing changed.</exception>
    public void Extend(Node node, long extentCount)
    {
        core.Health.ThrowIfFailed();
        lock (_one)
        {
            GrowNode(node, (node.Record.ExtentCount + extentCount) << core.Geometry.ChunkShift);
        }

        SpaceWasAdded();
    }

    /// <summary>Adds a node: a new file of <paramref name="sizeBytes"/>, or an existing blank file or block device.</summary>
    public void AddNode(string path, long? sizeBytes)
    {
        core.Health.ThrowIfFailed();
        lock (_one)
        {
            if (core.Nodes.All.Count == ExtentAddress.MaxNodes)
            {
                throw new PoolException(PoolErrorKind.Usage, $"a pool has at most {ExtentAddress.MaxNodes} nodes; grow one instead");
            }

            NodeFactory factory = new(core.Storage, core.Id, core.Geometry, core.NodeOwner);
            NodeRecord record = factory.Make((byte)core.Nodes.All.Count, path, sizeBytes ?? PoolCreateOptions.DefaultSizeBytes, NodePreallocation.Falloc);
            Node node = factory.Open(record);
            lock (core.MetadataLock)
            {
                PutNode(record);
                core.Nodes.Add(node);
                core.Extents.AddNode(record.ExtentCount);
            }
        }

        SpaceWasAdded();
    }

    private void GrowNode(Node node, long dataBytes)
    {
        NodeRecord grown = new NodeFactory(core.Storage, core.Id, core.Geometry, core.NodeOwner).Grow(node, dataBytes);
        if (grown.ExtentCount << core.Geometry.ChunkShift < dataBytes - core.Geometry.ChunkBytes + 1)
        {
            throw new PoolException(PoolErrorKind.NoSpace, $"{node.Path} is a block device and too small; grow it first, or add a node");
        }

        if (grown.ExtentCount != node.Record.ExtentCount)
        {
            lock (core.MetadataLock)
            {
                PutNode(grown);
                node.Record = grown;
                core.Extents.GrowNode(grown.Index, grown.ExtentCount);
            }
        }
    }

    private void PutNode(NodeRecord record)
    {
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes];
        EntryWriter entry = new(buffer);
        entry.NodePut(record);
        core.Change(entry.Written);
    }

    private void SpaceWasAdded()
    {
        core.Commit();
        core.Host.Retry();
        long totalBytes = core.Extents.TotalCount << core.Geometry.ChunkShift;
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.PoolGrown, $"the pool now has {totalBytes} bytes") with { TotalBytes = totalBytes });
    }
}
