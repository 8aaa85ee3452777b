namespace ThinFuse.Benchmarks.Suite;

/// <summary>A directory that exists as long as a run, and is removed with all in it, unless something is still mounted there.</summary>
internal sealed class WorkDirectory : IDisposable
{
    private readonly string _path;

    public WorkDirectory(string path)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new IOException($"{path} is not empty; name a new directory");
        }

        Directory.CreateDirectory(path);
        _path = path;
    }

    public void Dispose()
    {
        string[] mounted = [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(mount => mount.StartsWith(_path + '/', StringComparison.Ordinal))];
        if (mounted.Length != 0)
        {
            // Deleting would go on inside of it.
            Console.Error.WriteLine($"still mounted, so {_path} stays: {string.Join(' ', mounted)}");
            return;
        }

        Directory.Delete(_path, recursive: true);
    }
}
