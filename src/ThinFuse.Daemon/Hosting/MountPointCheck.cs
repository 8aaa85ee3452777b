using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Refuses mount points that would hide something or that the daemon would need itself.</summary>
internal static class MountPointCheck
{
    /// <summary>Checks, and returns the mount point without symbolic links.</summary>
    /// <exception cref="PoolException">NotFound: it does not exist. Usage: it is no directory, not empty, or in the pool.</exception>
    public static string Resolve(string mountPoint, string poolDirectory)
    {
        string path = RealPath.Of(mountPoint);
        string pool = RealPath.Of(poolDirectory);
        if (!Directory.Exists(path))
        {
            throw Refuse($"{path} is no directory; mount on an empty directory");
        }

        if (RealPath.IsWithin(path, pool))
        {
            throw Refuse($"{path} lies in the pool directory {pool}; mount somewhere else");
        }

        if (RealPath.IsWithin(pool, path))
        {
            throw Refuse($"mounting on {path} would hide the pool directory {pool}; mount somewhere else");
        }

        if (Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw Refuse($"{path} is not empty; mount on an empty directory");
        }

        return path;
    }

    private static PoolException Refuse(string message) => new(PoolErrorKind.Usage, message);
}
