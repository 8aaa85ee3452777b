using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>
/// Which hooks may run with the daemon's rights: executable regular files that nobody but root and the daemon's user can have written, in directories of
/// which the same holds. Says once of each that it may not. Thread-safe.
/// </summary>
internal sealed class HookRules(string poolDirectory, ILogger logger)
{
    /// <summary>The hooks' directory in the pool directory.</summary>
    public const string DirectoryName = "hooks.d";

    private readonly string _directory = Path.Combine(poolDirectory, DirectoryName);
    private readonly ConcurrentDictionary<string, string> _said = new();

    /// <summary>The hooks that may run now, absolute, by name. Names that begin with a dot or end with ~ are no hooks.</summary>
    public IReadOnlyList<string> List()
    {
        if (!Directory.Exists(_directory) || !AllowsDirectories())
        {
            return [];
        }

        try
        {
            return [.. Directory.EnumerateFileSystemEntries(_directory).Where(IsHook).Order(StringComparer.Ordinal).Where(AllowsFile)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SayOnce(_directory, exception.Message);
            return [];
        }
    }

    /// <summary>Whether one of them may still run.</summary>
    public bool Allows(string hook) => AllowsDirectories() && AllowsFile(hook);

    // Who can write the pool directory can put another hooks.d in place of this one.
    private bool AllowsDirectories() => Allows(poolDirectory, isDirectory: true) && Allows(_directory, isDirectory: true);

    private bool AllowsFile(string hook) => Allows(hook, isDirectory: false);

    private bool Allows(string path, bool isDirectory)
    {
        if (FileFacts.TryRead(path) is not { } facts)
        {
            // It is gone since it was listed.
            return false;
        }

        string? objection = isDirectory != facts.IsDirectory || (!isDirectory && !facts.IsRegular) ? $"it is no {(isDirectory ? "directory" : "regular file")}"
            : facts.UserId != 0 && facts.UserId != UserIds.EffectiveUser() ? $"it belongs to user {facts.UserId}"
            : facts.IsWritableByOthers ? "its group or others may write it; use chmod go-w"
            : !isDirectory && !facts.IsExecutable ? "it is not executable"
            : null;
        if (objection is not null)
        {
            SayOnce(path, objection);
            return false;
        }

        _said.TryRemove(path, out _);
        return true;
    }

    private void SayOnce(string path, string objection)
    {
        if (_said.GetValueOrDefault(path) != objection)
        {
            _said[path] = objection;
            logger.LogWarning("hooks: {Path} is not used: {Objection}", path, objection);
        }
    }

    private static bool IsHook(string path) => Path.GetFileName(path) is { } name && !name.StartsWith('.') && !name.EndsWith('~');
}
