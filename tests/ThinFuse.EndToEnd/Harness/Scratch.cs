using System.Globalization;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>
/// The directory that everything of one test run lies below: pools, mounts, and what loop devices are made of. That everything can be
/// found by this path is what makes cleaning up after a crashed run safe.
/// </summary>
public sealed class Scratch : IDisposable
{
    private const string RunPrefix = "run-";
    private const string LockName = "lock";
    private const string ProcessesName = "processes";

    private readonly FileStream _lock;
    private readonly UringSwitch _uring = new();
    private int _count;

    public Scratch()
    {
        string root = Path.Combine(
            Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } temporary ? temporary : "/var/tmp",
            string.Create(CultureInfo.InvariantCulture, $"thinfuse-e2e-{Posix.EffectiveUser()}"));
        Directory.CreateDirectory(root);
        foreach (string run in Directory.EnumerateDirectories(root, RunPrefix + "*").Order())
        {
            using FileStream? owner = TryLock(run);
            if (owner is not null)
            {
                Leftovers.Remove(run);
            }
        }

        FileStream? taken = null;
        while (taken is null)
        {
            // Another run that looks for left-overs may lock, and remove, a directory that nobody has locked yet.
            FullPath = Path.Combine(root, RunPrefix + Guid.NewGuid().ToString("N")[..8]);
            Directory.CreateDirectory(FullPath);
            taken = TryLock(FullPath);
        }

        _lock = taken;
    }

    /// <summary>The directory, absolute; others than its owner may pass through it.</summary>
    public string FullPath { get; } = "";

    /// <summary>Whether pools can be mounted over io_uring.</summary>
    internal UringSwitch Uring => _uring;

    /// <summary>The process ids that a run wrote down, oldest first.</summary>
    internal static IReadOnlyList<int> RecordedProcesses(string run)
    {
        string file = Path.Combine(run, ProcessesName);
        return File.Exists(file) ? [.. File.ReadLines(file).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];
    }

    /// <summary>Writes down a process that outlives the command which started it, so that a later run can end it.</summary>
    internal void RecordProcess(int pid) =>
        File.AppendAllText(Path.Combine(FullPath, ProcessesName), string.Create(CultureInfo.InvariantCulture, $"{pid}\n"));

    /// <summary>A new directory below the scratch directory.</summary>
    internal string NewDirectory(string name)
    {
        string path = Path.Combine(FullPath, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _count)}-{name}"));
        Directory.CreateDirectory(path);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Leftovers.Remove(FullPath);
        _uring.Dispose();
        _lock.Dispose();
    }

    /// <summary>Takes a run's lock, which the kernel gives back when its process ends however it may; null when that lives.</summary>
    private static FileStream? TryLock(string run)
    {
        const int exclusiveWithoutWaiting = 2 | 4;
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(run, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (IOException)
        {
            // The runtime takes a shared lock of its own, which the owner's lock refuses; or the directory has just been removed.
            return null;
        }

        if (Posix.Lock(file.SafeFileHandle, exclusiveWithoutWaiting) == 0)
        {
            return file;
        }

        file.Dispose();
        return null;
    }
}
