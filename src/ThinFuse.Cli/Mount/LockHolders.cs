using System.Globalization;
using ThinFuse.Cli.Native;

namespace ThinFuse.Cli.Mount;

/// <summary>The processes that hold a pool's lock, as the kernel knows them: what the lock file says of its owner may be out of date, and numbers come again.</summary>
internal sealed class LockHolders : IDisposable
{
    private readonly Dictionary<int, ProcessHandle> _processes;

    private LockHolders(Dictionary<int, ProcessHandle> processes) => _processes = processes;

    /// <summary>Their numbers.</summary>
    public IReadOnlyCollection<int> Pids => _processes.Keys;

    /// <summary>Those that can be seen now: of another user only root sees them.</summary>
    public static LockHolders Find(string lockFile)
    {
        Dictionary<int, ProcessHandle> found = [];
        foreach (string name in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).OfType<string>())
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid != Environment.ProcessId
                && Holds(pid, lockFile) && ProcessHandle.TryOpen(pid) is { } process)
            {
                // Asked again now that the number cannot come to mean another process.
                if (Holds(pid, lockFile))
                {
                    found.Add(pid, process);
                }
                else
                {
                    process.Dispose();
                }
            }
        }

        return new LockHolders(found);
    }

    /// <summary>Has a process among them, or all, get a signal.</summary>
    public void Signal(int signal, Predicate<int> which)
    {
        foreach ((int pid, ProcessHandle process) in _processes)
        {
            if (which(pid))
            {
                process.Signal(signal);
            }
        }
    }

    /// <summary>Waits until all have ended, and with them every write that they began.</summary>
    /// <returns>The number of one that has not in time; null when all have.</returns>
    public async Task<int?> WaitAsync(TimeSpan patience, CancellationToken cancel)
    {
        long deadlineMs = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        foreach ((int pid, ProcessHandle process) in _processes)
        {
            TimeSpan rest = TimeSpan.FromMilliseconds(Math.Max(0, deadlineMs - Environment.TickCount64));
            if (!await process.WaitAsync(rest, cancel).ConfigureAwait(false))
            {
                return pid;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ProcessHandle process in _processes.Values)
        {
            process.Dispose();
        }
    }

    private static bool Holds(int pid, string lockFile)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{pid}/fd").Any(link =>
                new FileInfo(link).LinkTarget == lockFile && HasLock($"/proc/{pid}/fdinfo/{Path.GetFileName(link)}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }

    /// <summary>Whether the lock belongs to this open file: those who only look have it open too.</summary>
    private static bool HasLock(string description) => File.ReadLines(description).Any(line =>
        line.StartsWith("lock:", StringComparison.Ordinal) && line.Contains(" FLOCK ", StringComparison.Ordinal) && line.Contains(" WRITE ", StringComparison.Ordinal));
}
