using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Addressing;

/// <summary>Finds the pool behind a path, through the mount table.</summary>
/// <param name="readTable">The mount table at this moment.</param>
internal sealed class PoolLocator(Func<IReadOnlyList<MountEntry>> readTable)
{
    /// <summary>The pool that is mounted at this directory.</summary>
    /// <exception cref="CommandFailure">NotFound: nothing is, or it is not thinfuse.</exception>
    public MountedPool FromMount(string path)
    {
        string full = Path.GetFullPath(path);
        return TryFromMount(full) ?? throw NoMount(full);
    }

    /// <summary>The pool that a volume's file lies in.</summary>
    /// <exception cref="CommandFailure">NotFound: the directory is not the mount of a pool.</exception>
    public MountedPool FromVolume(VolumePath volume) => FromMount(volume.Directory);

    /// <summary>The pool that is mounted at this directory, or null.</summary>
    public MountedPool? TryFromMount(string path)
    {
        return Find(path) is { IsThinFuse: true } entry ? MountedPool.From(entry) : null;
    }

    /// <summary>Whether anything at all is mounted at this directory.</summary>
    public bool IsMountPoint(string path) => Find(path) is not null;

    /// <summary>The pool directory meant by POOL or by MNT.</summary>
    /// <exception cref="CommandFailure">NotFound: there is no such directory.</exception>
    public string FromPoolOrMount(string path)
    {
        if (TryFromMount(path) is { } mounted)
        {
            return mounted.PoolDirectory;
        }

        return PoolDirectory(path);
    }

    /// <summary>An existing directory, absolute and without symbolic links, as it stands in the mount table.</summary>
    /// <exception cref="CommandFailure">NotFound: there is no such directory.</exception>
    public static string PoolDirectory(string path)
    {
        string? resolved = PathResolver.TryResolve(path);
        return resolved is not null && Directory.Exists(resolved)
            ? resolved
            : throw new CommandFailure(
                ControlErrorKind.NotFound, $"there is no pool directory {Path.GetFullPath(path)}; create one with 'thinfuse pool create'");
    }

    /// <summary>As <see cref="PoolDirectory"/>, and there is a pool in it: nothing may be written into a directory that only looks like
    /// one.</summary>
    /// <exception cref="CommandFailure">NotFound: there is no pool.</exception>
    public static string RequirePool(string path)
    {
        string pool = PoolDirectory(path);
        return ThinPool.Exists(pool)
            ? pool
            : throw new CommandFailure(ControlErrorKind.NotFound, $"{pool} is no pool; create one with 'thinfuse pool create {pool}'");
    }

    private static CommandFailure NoMount(string path) => new(
        ControlErrorKind.NotFound, $"no pool is mounted at {path}; mount one with 'thinfuse mount POOL {path}'");

    private MountEntry? Find(string path)
    {
        IReadOnlyList<MountEntry> table = readTable();

        // As written first: below a dead mount no symbolic link can be resolved.
        MountEntry? entry = MountTable.Find(table, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return entry is null && PathResolver.TryResolve(path) is { } resolved ? MountTable.Find(table, resolved) : entry;
    }
}
