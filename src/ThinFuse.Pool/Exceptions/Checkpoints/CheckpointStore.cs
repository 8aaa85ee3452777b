using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>
/// The checkpoint files. The next two always have their space beforehand: a checkpoint is written to the first of them, which gets its name
/// only when it is complete and flushed, and a purge turns the old checkpoint into new space.
/// </summary>
internal sealed class CheckpointStore(IStorage storage, string directory)
{
    private const long GrainBytes = 64 << 10;

    private readonly Lock _gate = new();
    private long _nextBytes;
    private long _spareBytes;

    /// <summary>How large a checkpoint has its space already.</summary>
    public long ReadyBytes => Volatile.Read(ref _nextBytes);

    private string NextPath => $"{directory}/{TableFiles.NextCheckpoint}";

    private string SparePath => $"{directory}/{TableFiles.SpareCheckpoint}";

    /// <summary>Gets space for the next two checkpoints. Does nothing while one is being written: that ends with getting space.</summary>
    /// <exception cref="StorageException">ENOSPC or another error; the space there was remains.</exception>
    public void Prepare(long bytes)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            Grow(NextPath, ref _nextBytes, bytes);
            Grow(SparePath, ref _spareBytes, bytes);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Makes sure that a checkpoint of so many bytes has its space; false when the host has none.</summary>
    /// <exception cref="StorageException">Another error.</exception>
    public bool TryReserve(long bytes)
    {
        lock (_gate)
        {
            try
            {
                Grow(NextPath, ref _nextBytes, bytes);
                return true;
            }
            catch (StorageException e) when (e.IsNoSpace)
            {
                return false;
            }
        }
    }

    /// <summary>Writes a checkpoint whose space is reserved; it survives power loss when this returns, as does every name in the directory.</summary>
    /// <exception cref="StorageException">There is no checkpoint of this token, or none that may be relied on.</exception>
    public void Write(Guid token, byte[] content)
    {
        lock (_gate)
        {
            using (IStorageFile file = storage.Open(NextPath, StorageOpenMode.ReadWrite, StorageCaching.Cached))
            {
                file.Write(0, content);
                file.Flush();
            }

            storage.Rename(NextPath, PathOf(token));
            storage.SyncDirectory(directory);
            if (_spareBytes > 0)
            {
                storage.Rename(SparePath, NextPath);
            }

            Volatile.Write(ref _nextBytes, _spareBytes);
            _spareBytes = 0;
        }
    }

    /// <exception cref="InvalidDataException">It is missing or damaged.</exception>
    public CheckpointImage Read(Guid token)
    {
        string path = PathOf(token);
        if (!storage.Exists(path))
        {
            throw CheckpointFormat.Damaged(path, "it is missing");
        }

        using IStorageFile file = storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] header = new byte[CheckpointFormat.HeaderBytes];
        file.Read(0, header);
        byte[] content = new byte[CheckpointFormat.StatedLength(header, file.LengthBytes, path)];
        file.Read(0, content);
        return CheckpointFormat.Decode(content, token, path);
    }

    /// <summary>Removes all checkpoints but one.</summary>
    public void PurgeExcept(Guid keep)
    {
        lock (_gate)
        {
            foreach (string name in storage.List(directory))
            {
                if (!TableFiles.IsCheckpoint(name, out Guid token) || token == keep)
                {
                    continue;
                }

                if (!TryReuse(PathOf(token), NextPath, ref _nextBytes) && !TryReuse(PathOf(token), SparePath, ref _spareBytes))
                {
                    storage.Delete(PathOf(token));
                }
            }
        }
    }

    public string PathOf(Guid token) => $"{directory}/{TableFiles.Checkpoint(token)}";

    private bool TryReuse(string path, string target, ref long readyBytes)
    {
        if (readyBytes > 0 || storage.Exists(target))
        {
            return false;
        }

        storage.Rename(path, target);
        using IStorageFile file = storage.Open(target, StorageOpenMode.Read, StorageCaching.Cached);
        Volatile.Write(ref readyBytes, file.LengthBytes);
        return true;
    }

    private void Grow(string path, ref long readyBytes, long bytes)
    {
        if (readyBytes >= bytes)
        {
            return;
        }

        long wantedBytes = (bytes + GrainBytes - 1) / GrainBytes * GrainBytes;
        StorageOpenMode mode = storage.Exists(path) ? StorageOpenMode.ReadWrite : StorageOpenMode.CreateNew;
        using IStorageFile file = storage.Open(path, mode, StorageCaching.Cached);
        file.Allocate(0, wantedBytes);
        Volatile.Write(ref readyBytes, wantedBytes);
    }
}
