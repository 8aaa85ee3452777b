using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Building;

/// <summary>Puts nodes under new metadata of their pool: only their labels change.</summary>
internal sealed class NodeAdopter(IStorage storage, Guid poolId, Geometry geometry, bool force)
{
    /// <summary>Makes sure that all nodes are there, whole, and this pool's in this place; changes nothing.</summary>
    /// <exception cref="PoolException">Damaged.</exception>
    public void Verify(IReadOnlyList<NodeRecord> nodes)
    {
        foreach (NodeRecord node in nodes)
        {
            if (!storage.Exists(node.Path))
            {
                throw new PoolException(
                    PoolErrorKind.Damaged, $"node n-{node.Index} is missing: {storage.FullPath(node.Path)}; put it back, or say where it is with --node");
            }

            using IStorageFile file = storage.Open(node.Path, StorageOpenMode.Read, StorageCaching.Direct);
            long neededBytes = Node.DataStartBytes + (node.ExtentCount << geometry.ChunkShift);
            if (file.LengthBytes < neededBytes)
            {
                throw new PoolException(
                    PoolErrorKind.Damaged,
                    $"node n-{node.Index} at {file.Path} has {file.LengthBytes} bytes but should have {neededBytes}; put the whole file or device back");
            }

            VerifyLabel(file, node);
        }
    }

    /// <summary>Writes their labels, durably: from then on they follow the metadata of this owner, and no other.</summary>
    public void Adopt(IReadOnlyList<NodeRecord> nodes, Guid owner)
    {
        foreach (NodeRecord node in nodes)
        {
            using IStorageFile file = storage.Open(node.Path, StorageOpenMode.ReadWrite, StorageCaching.Direct);
            NodeLabel.Write(file, poolId, node.Index, owner);
        }
    }

    private void VerifyLabel(IStorageFile file, NodeRecord node)
    {
        try
        {
            NodeLabel.VerifyPlace(file, poolId, node);
        }
        catch (PoolException e) when (force && e.Kind == PoolErrorKind.Damaged)
        {
            // The caller knows better than the label.
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.Damaged)
        {
            throw new PoolException(PoolErrorKind.Damaged, $"{e.Message}, or, if this is it, take it with --force", e);
        }
    }
}
