using System.Globalization;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Loop;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>Who has files of a mount open. Reads names the kernel remembers, never the mount itself, so it works on a dead one.</summary>
internal static class MountUsers
{
    private const int MaxNamed = 5;

    /// <summary>The error of a mount that is in use: names loop devices and processes.</summary>
    /// <param name="mountPoint">The mount.</param>
    /// <param name="otherwise">What to say when nobody is found, as for processes of other users.</param>
    public static CommandFailure Busy(string mountPoint, string otherwise)
    {
        IReadOnlyList<string> users = Find(mountPoint);
        string who = users.Count == 0
            ? otherwise
            : $"in use by {string.Join(", ", users.Take(MaxNamed))}{(users.Count > MaxNamed ? $" and {users.Count - MaxNamed} more" : "")}";
        return new CommandFailure(
            ControlErrorKind.Busy, $"{mountPoint} is busy: {who}; detach the loop devices and end the processes, then try again");
    }

    private static IReadOnlyList<string> Find(string mountPoint)
    {
        string inside = mountPoint + "/";
        bool IsInside(string? path) => path is not null && (path == mountPoint || path.StartsWith(inside, StringComparison.Ordinal));
        IEnumerable<string> loops = LoopDevices.BackingFiles()
            .Where(loop => IsInside(loop.File))
            .Select(loop => $"{loop.Device} ({Path.GetFileName(loop.File)})");
        IEnumerable<string> processes = Directory.EnumerateDirectories("/proc")
            .Where(directory => char.IsAsciiDigit(Path.GetFileName(directory)[0]) && Links(directory).Any(IsInside))
            .Select(directory => string.Create(CultureInfo.InvariantCulture, $"{NameOf(directory)} (pid {Path.GetFileName(directory)})"));
        return [.. loops, .. processes];
    }

    private static IReadOnlyList<string?> Links(string process)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(process + "/fd").Append(process + "/cwd").Append(process + "/root")
                .Select(link => new FileInfo(link).LinkTarget)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to somebody whose files we may not see.
            return [];
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText(process + "/comm").Trim();
        }
        catch (IOException)
        {
            return "ended process";
        }
    }
}
