namespace ThinFuse.Pool.Storage;

/// <summary>
/// Another storage seen through a sheet of memory: reads come from below, and every write, creation, deletion and rename stays in
/// memory and is gone with this object. The storage below is never changed. For offline checks, which may recover a pool only on paper.
/// </summary>
/// <remarks>
/// Thread-safe. Flush and SyncDirectory succeed and make nothing durable. Files have alignment 1 and no descriptor. What is changed below
/// while this object lives shows through or not, by chance: hold the pool's lock.
/// </remarks>
public sealed class MemoryOverlayStorage : IStorage, IDisposable
{
    private readonly IStorage _below;
    private readonly string _rootDirectory;
    private readonly Lock _lock = new();

    /// <summary>Paths that this object has opened or changed; null where it deleted the file.</summary>
    private readonly Dictionary<string, OverlayContent?> _contents = [];
    private readonly HashSet<string> _directories = [];
    private readonly List<IStorageFile> _opened = [];

    /// <summary>
    /// An overlay on <paramref name="below"/>; relative paths start at <paramref name="rootDirectory"/>, as they do below.
    /// </summary>
    public MemoryOverlayStorage(IStorage below, string rootDirectory)
    {
        _below = below;
        _rootDirectory = Path.GetFullPath(rootDirectory);
    }

    /// <summary>The boot id of the storage below.</summary>
    public string BootId => _below.BootId;

    /// <inheritdoc/>
    public string FullPath(string path) => Resolve(path);

    /// <inheritdoc/>
    public IStorageFile Open(string path, StorageOpenMode mode, StorageCaching caching)
    {
        string fullPath = Resolve(path);
        lock (_lock)
        {
            if (mode != StorageOpenMode.CreateNew)
            {
                OverlayContent content = Find(fullPath) ?? throw new StorageException(Errno.ENOENT, "open", fullPath);
                return new OverlayFile(fullPath, content, mode != StorageOpenMode.Read);
            }
            if (ExistsLocked(fullPath))
            {
                throw new StorageException(Errno.EEXIST, "open", fullPath);
            }
            if (!ExistsLocked(Path.GetDirectoryName(fullPath)!))
            {
                throw new StorageException(Errno.ENOENT, "open", fullPath);
            }
            OverlayContent created = new(null);
            _contents[fullPath] = created;
            return new OverlayFile(fullPath, created, isWritable: true);
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        lock (_lock)
        {
            return ExistsLocked(Resolve(path));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        string fullPath = Resolve(directory);
        lock (_lock)
        {
            HashSet<string> names = [.. _below.List(fullPath)];
            foreach ((string path, OverlayContent? content) in _contents)
            {
                if (Path.GetDirectoryName(path) == fullPath)
                {
                    _ = content is null ? names.Remove(Path.GetFileName(path)) : names.Add(Path.GetFileName(path));
                }
            }
            names.UnionWith(_directories.Where(path => Path.GetDirectoryName(path) == fullPath).Select(path => Path.GetFileName(path)));
            return [.. names];
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string directory)
    {
        lock (_lock)
        {
            for (string? path = Resolve(directory); path is not null && !_below.Exists(path); path = Path.GetDirectoryName(path))
            {
                _directories.Add(path);
            }
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_lock)
        {
            _contents[Resolve(path)] = null;
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        string fullFrom = Resolve(from);
        lock (_lock)
        {
            OverlayContent content = Find(fullFrom) ?? throw new StorageException(Errno.ENOENT, "rename", fullFrom);
            _contents[fullFrom] = null;
            _contents[Resolve(to)] = content;
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        string fullPath = Resolve(directory);
        if (!Exists(fullPath))
        {
            throw new StorageException(Errno.ENOENT, "sync directory", fullPath);
        }
    }

    /// <summary>Closes the files below; open files of this storage fail from here on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _opened.ForEach(file => file.Dispose());
            _opened.Clear();
        }
    }

    private OverlayContent? Find(string fullPath)
    {
        if (!_contents.TryGetValue(fullPath, out OverlayContent? content) && _below.Exists(fullPath))
        {
            IStorageFile file = _below.Open(fullPath, StorageOpenMode.Read, StorageCaching.Cached);
            _opened.Add(file);
            content = new OverlayContent(file);
            _contents[fullPath] = content;
        }
        return content;
    }

    private bool ExistsLocked(string fullPath) =>
        _contents.TryGetValue(fullPath, out OverlayContent? content) ? content is not null
        : _directories.Contains(fullPath) || _below.Exists(fullPath);

    private string Resolve(string path) => Path.GetFullPath(path, _rootDirectory);
}
