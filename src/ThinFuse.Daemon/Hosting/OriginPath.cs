using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Refuses external origins that a daemon would have to read through its own mount: it would wait for itself.</summary>
internal static class OriginPath
{
    /// <summary>Checks a path, which keeps its symbolic links: /dev/disk/by-id names a device for longer than /dev/sdb does.</summary>
    /// <exception cref="PoolException">Usage: it is in the mount, or is a loop device on a file there.</exception>
    public static string Check(string path, string mountPoint)
    {
        if (!Path.IsPathRooted(path))
        {
            throw new PoolException(PoolErrorKind.Usage, $"'{path}' is no absolute path; name the origin by one");
        }

        string real = RealPath.Of(path);
        if (RealPath.IsWithin(real, mountPoint) || (BackingFile(real) is { } backing && RealPath.IsWithin(backing, mountPoint)))
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"{path} is in this pool already; 'thinfuse clone' makes a volume out of another, or of a snapshot");
        }

        return path;
    }

    /// <summary>The file below a loop device or a partition of one; null for everything else.</summary>
    private static string? BackingFile(string path)
    {
        string block = Path.Combine("/sys/class/block", Path.GetFileName(path));
        if (!path.StartsWith("/dev/", StringComparison.Ordinal) || !Directory.Exists(block))
        {
            return null;
        }

        string device = RealPath.Of(block);
        string? found = new[] { device, Path.GetDirectoryName(device)! }.Select(place => Path.Combine(place, "loop", "backing_file")).FirstOrDefault(File.Exists);
        return found is not null ? File.ReadAllText(found).TrimEnd('\n') : null;
    }
}
