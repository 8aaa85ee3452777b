using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>Makes, opens and grows nodes.</summary>
/// <param name="storage">Where they are.</param>
/// <param name="poolId">The pool.</param>
/// <param name="geometry">Its sizes.</param>
/// <param name="owner">The metadata that the labels name; empty unless it was restored or repaired.</param>
internal sealed class NodeFactory(IStorage storage, Guid poolId, Geometry geometry, Guid owner = default)
{
    /// <summary>
    /// Makes a node at a path: a new file of so many data bytes, or an existing blank file or block device, whole. Labelled and durable when it
    /// returns, but known to the pool only when its record is.
    /// </summary>
    public NodeRecord Make(byte index, string path, long newFileBytes, NodePreallocation preallocation)
    {
        bool exists = storage.Exists(path);
        if (!exists)
        {
            MustHoldExtents(path, newFileBytes);
            storage.CreateDirectory(DirectoryOf(path));
        }

        using IStorageFile file = storage.Open(path, exists ? StorageOpenMode.Adopt : StorageOpenMode.CreateNew, StorageCaching.Direct);
        try
        {
            if (!exists)
            {
                SetFileLength(file, Node.DataStartBytes + newFileBytes, preallocation);
            }
            else if (!NodeLabel.IsBlank(file))
            {
                throw new PoolException(PoolErrorKind.Exists, $"{file.Path} is not blank; wipe its first MiB if nobody needs it");
            }

            long extents = ExtentsIn(file.LengthBytes);
            MustHoldExtents(path, extents << geometry.ChunkShift);
            NodeLabel.Write(file, poolId, index, owner);
            storage.SyncDirectory(DirectoryOf(path));
            return new NodeRecord(index, path, extents);
        }
        catch when (!exists)
        {
            storage.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a node and holds it against its record.</summary>
    public Node Open(NodeRecord record, bool readOnly = false)
    {
        if (!storage.Exists(record.Path))
        {
            throw new PoolException(PoolErrorKind.Damaged, $"node n-{record.Index} is missing: {storage.FullPath(record.Path)}; put the file or device back");
        }

        IStorageFile file = storage.Open(record.Path, readOnly ? StorageOpenMode.Read : StorageOpenMode.ReadWrite, StorageCaching.Direct);
        try
        {
            NodeLabel.Verify(file, poolId, record, owner);
            if (!readOnly)
            {
                file.AwaitDirectWrites();
            }

            long needed = Node.DataStartBytes + (record.ExtentCount << geometry.ChunkShift);
            if (file.LengthBytes < needed)
            {
                throw new PoolException(
                    PoolErrorKind.Damaged,
                    $"node n-{record.Index} at {file.Path} has {file.LengthBytes} bytes but should have {needed}; put the whole file or device back");
            }

            return new Node(record, file, geometry.ChunkShift);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes host space for a file node to hold so many data bytes, or measures a block device again; returns the record to journal.</summary>
    public NodeRecord Grow(Node node, long dataBytes)
    {
        long extents = dataBytes >> geometry.ChunkShift;
        MustHoldExtents(node.Path, dataBytes);
        if (node.IsBlockDevice)
        {
            extents = Math.Min(extents, ExtentsIn(node.File.LengthBytes));
        }
        else
        {
            GrowFile(node.File, Node.DataStartBytes + (extents << geometry.ChunkShift));
            node.File.Flush();
        }

        return node.Record with { ExtentCount = extents };
    }

    /// <summary>All of it or nothing: a host that fills up on the way gets back what it gave.</summary>
    private static void GrowFile(IStorageFile file, long lengthBytes)
    {
        long beforeBytes = file.LengthBytes;
        if (file.Host.AvailableBytes < lengthBytes - beforeBytes)
        {
            throw NoRoom(file, lengthBytes, null);
        }

        try
        {
            SetFileLength(file, lengthBytes, NodePreallocation.Falloc);
        }
        catch
        {
            if (file.LengthBytes > beforeBytes)
            {
                file.SetLength(beforeBytes);
            }

            throw;
        }
    }

    private static PoolException NoRoom(IStorageFile file, long lengthBytes, Exception? reason) => new(
        PoolErrorKind.NoSpace, $"the filesystem of {file.Path} has no room for {lengthBytes} bytes; make room or ask for less", reason);

    private static string DirectoryOf(string path) => System.IO.Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : ".";

    private static void SetFileLength(IStorageFile file, long lengthBytes, NodePreallocation preallocation)
    {
        try
        {
            long missingBytes = lengthBytes - file.LengthBytes;
            if (preallocation == NodePreallocation.Off)
            {
                file.SetLength(lengthBytes);
            }
            else if (missingBytes > 0 && preallocation == NodePreallocation.Falloc)
            {
                file.Allocate(file.LengthBytes, missingBytes);
            }
            else if (missingBytes > 0)
            {
                file.AllocateWritten(file.LengthBytes, missingBytes);
            }
        }
        catch (StorageException e) when (e.ErrorNumber is Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG)
        {
            throw NoRoom(file, lengthBytes, e);
        }
    }

    private long ExtentsIn(long fileBytes) =>
        Math.Min(Math.Max(0, fileBytes - Node.DataStartBytes) >> geometry.ChunkShift, ExtentAddress.MaxSlots);

    private void MustHoldExtents(string path, long dataBytes)
    {
        if (dataBytes < geometry.ChunkBytes || dataBytes >> geometry.ChunkShift > ExtentAddress.MaxSlots)
        {
            throw new PoolException(
                PoolErrorKind.Usage,
                $"{path} cannot hold {dataBytes} bytes of data; a node has from one chunk ({geometry.ChunkBytes} bytes) to {ExtentAddress.MaxSlots} of them");
        }
    }
}
