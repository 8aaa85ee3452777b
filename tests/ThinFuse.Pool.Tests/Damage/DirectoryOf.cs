using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>Another directory of a storage: relative paths begin there.</summary>
internal sealed class DirectoryOf(IStorage storage, string directory) : IStorage
{
    public string BootId => storage.BootId;

    public string FullPath(string path) => Path.GetFullPath(path, directory);

    public IStorageFile Open(string path, StorageOpenMode mode, StorageCaching caching) => storage.Open(FullPath(path), mode, caching);

    public bool Exists(string path) => storage.Exists(FullPath(path));

    public IReadOnlyList<string> List(string path) => storage.List(FullPath(path));

    public void CreateDirectory(string path) => storage.CreateDirectory(FullPath(path));

    public void Delete(string path) => storage.Delete(FullPath(path));

    public void Rename(string from, string to) => storage.Rename(FullPath(from), FullPath(to));

    public void SyncDirectory(string path) => storage.SyncDirectory(FullPath(path));
}
