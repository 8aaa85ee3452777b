namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>
/// A whole disk at one moment: files, names, and which of the names are durable. Cheap to clone; contents are copied on write.
/// </summary>
internal sealed class DiskState
{
    /// <summary>The inode number that marks a name as a directory's.</summary>
    private const int Directory = 0;

    private readonly Dictionary<int, InodeState> _inodes = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly Dictionary<string, int> _durableNames = [];
    private readonly List<SimulatedIo> _unsyncedNames = [];

    /// <summary>An empty disk with a few directories.</summary>
    internal DiskState(params string[] directories)
    {
        foreach (string directory in directories)
        {
            _names[directory] = _durableNames[directory] = Directory;
        }
    }

    private DiskState(DiskState other)
    {
        _names = new(other._names);
        _durableNames = new(other._durableNames);
        _unsyncedNames = [.. other._unsyncedNames];
        _inodes = other._inodes.ToDictionary(pair => pair.Key, pair => pair.Value.Clone());
    }

    private DiskState(Dictionary<string, int> names, Dictionary<int, InodeState> inodes)
    {
        (_names, _durableNames, _inodes) = (names, new(names), inodes);
    }

    internal IEnumerable<string> Names => _names.Keys;

    internal int NextInode => _inodes.Count == 0 ? Directory + 1 : _inodes.Keys.Max() + 1;

    internal long AllocatedBytes => _names.Values.Where(inode => inode != Directory)
        .Sum(inode => (long)_inodes[inode].Seen.PageCount * PagedContent.PageBytes);

    /// <summary>A hash of what a process sees.</summary>
    internal ulong Fingerprint
    {
        get
        {
            ulong sum = 0;
            foreach ((string path, int inode) in _names)
            {
                sum += ContentHash.Mix(ContentHash.Of(path), inode == Directory ? 0 : _inodes[inode].Seen.Fingerprint);
            }
            return sum;
        }
    }

    internal DiskState Clone() => new(this);

    internal bool Exists(string path) => _names.ContainsKey(path);

    internal bool IsDirectory(string path) => _names.TryGetValue(path, out int inode) && inode == Directory;

    internal int? FindFile(string path) => _names.TryGetValue(path, out int inode) && inode != Directory ? inode : null;

    internal PagedContent Seen(int inode) => _inodes[inode].Seen;

    /// <summary>Applies an I/O as a running system does: seen by all at once, durable later.</summary>
    internal void Apply(SimulatedIo io)
    {
        switch (io.Kind)
        {
            case SimulatedIoKind.Flush:
                _inodes[io.Inode].Flush(io.Covers);
                break;
            case SimulatedIoKind.LostFlush:
                _inodes[io.Inode].Lose(io.Covers);
                break;
            case SimulatedIoKind.SyncDirectory:
                foreach (SimulatedIo change in _unsyncedNames.Where(change => IsCovered(change, io)))
                {
                    ApplyName(_durableNames, change);
                }
                _unsyncedNames.RemoveAll(change => IsCovered(change, io));
                break;
            case SimulatedIoKind.Create or SimulatedIoKind.CreateDirectory or SimulatedIoKind.Delete or SimulatedIoKind.Rename:
                if (io.Kind == SimulatedIoKind.Create)
                {
                    _inodes[io.Inode] = new InodeState();
                }
                ApplyName(_names, io);
                _unsyncedNames.Add(io);
                break;
            default:
                _inodes[io.Inode].Apply(io);
                break;
        }
    }

    /// <summary>The disk after a power cut, all of it durable. This state is not changed.</summary>
    internal DiskState CutPower(int seed, long endSequence)
    {
        long oldest = Math.Min(
            _unsyncedNames.Count == 0 ? endSequence : _unsyncedNames[0].Sequence,
            _inodes.Values.Select(inode => inode.OldestUnsynced).Append(endSequence).Min());
        Survival survival = new(seed, oldest, endSequence);
        Dictionary<string, int> names = new(_durableNames);
        foreach (SimulatedIo change in _unsyncedNames.Where(survival.Survives))
        {
            ApplyName(names, change);
        }
        // What lies in a directory that was lost is lost with it. A parent sorts before its children.
        foreach (string path in names.Keys.Order(StringComparer.Ordinal).ToList())
        {
            if (Path.GetDirectoryName(path) is { } parent && !names.ContainsKey(parent))
            {
                names.Remove(path);
            }
        }
        Dictionary<int, InodeState> inodes = names.Values.Distinct().Where(inode => inode != Directory).Order()
            .ToDictionary(inode => inode, inode => _inodes[inode].CutPower(survival));
        return new DiskState(names, inodes);
    }

    private static bool IsCovered(SimulatedIo change, SimulatedIo sync) =>
        change.Sequence < sync.Covers
        && Path.GetDirectoryName(change.Kind == SimulatedIoKind.Rename ? change.Target : change.Path) == sync.Path;

    /// <summary>
    /// Applies a change of names where changes before it may have been lost: it touches a name only while that means its own file.
    /// </summary>
    private static void ApplyName(Dictionary<string, int> names, SimulatedIo io)
    {
        switch (io.Kind)
        {
            case SimulatedIoKind.Create or SimulatedIoKind.CreateDirectory:
                names[io.Path] = io.Inode;
                break;
            case SimulatedIoKind.Delete or SimulatedIoKind.Rename:
                if (names.TryGetValue(io.Path, out int inode) && inode == io.Inode)
                {
                    names.Remove(io.Path);
                }
                if (io.Kind == SimulatedIoKind.Rename)
                {
                    names[io.Target] = io.Inode;
                }
                break;
        }
    }
}
