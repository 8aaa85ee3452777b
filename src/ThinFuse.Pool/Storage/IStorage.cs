namespace ThinFuse.Pool.Storage;

/// <summary>
/// The files a pool lives in: everything the engine reads or writes passes through here, so that a simulated disk can stand below all of
/// it.
/// </summary>
/// <remarks>
/// <para>Paths are absolute, or relative to the pool directory. Thread-safe.</para>
/// <para>Errors are <see cref="StorageException"/> with the errno; nothing is swallowed and nothing is retried.</para>
/// <para>
/// Durability: what was written survives the death of this process at once. It survives power loss only after
/// <see cref="IStorageFile.Flush"/> of the file, and, where the file was created, renamed or deleted,
/// <see cref="SyncDirectory"/> of its directory.
/// </para>
/// </remarks>
public interface IStorage
{
    /// <summary>Changes whenever unsynced writes may have been lost: the kernel's boot id.</summary>
    string BootId { get; }

    /// <summary>The absolute path that a path stands for: what people are told.</summary>
    string FullPath(string path);

    /// <summary>Opens a file or block device.</summary>
    /// <exception cref="StorageException">ENOENT, EEXIST, EACCES, ... as open(2).</exception>
    IStorageFile Open(string path, StorageOpenMode mode, StorageCaching caching);

    /// <summary>Whether the path exists.</summary>
    bool Exists(string path);

    /// <summary>Names (not paths) of the entries of a directory; empty when it does not exist.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates a directory and its missing parents, mode 0700; fine when it exists.</summary>
    void CreateDirectory(string directory);

    /// <summary>Removes a file; fine when it does not exist.</summary>
    void Delete(string path);

    /// <summary>Renames a file over the target, atomically. Durable after <see cref="SyncDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>fsync of a directory: creations, renames and deletions in it survive power loss afterwards.</summary>
    void SyncDirectory(string directory);
}
