using System.CommandLine.Completions;
using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Completion;

/// <summary>What a path being typed may become: the mounts of pools, and what lies in the directory named so far.</summary>
internal static class PathCompletions
{
    private const int MaxEntries = 500;

    public static IEnumerable<CompletionItem> Suggest(CompletionContext context) =>
        Suggest(context.WordToComplete, MountTable.Read()).Select(path => new CompletionItem(path));

    /// <summary>The paths that begin with <paramref name="word"/>; a directory that cannot be read has none.</summary>
    internal static IEnumerable<string> Suggest(string word, IReadOnlyList<MountEntry> mounts)
    {
        IEnumerable<string> mounted = mounts.Where(mount => mount.IsThinFuse).Select(mount => mount.MountPoint + "/");
        return mounted.Concat(Entries(word)).Where(path => path.StartsWith(word, StringComparison.Ordinal)).Distinct();
    }

    private static IReadOnlyList<string> Entries(string word)
    {
        int slash = word.LastIndexOf('/');
        string typed = word[..(slash + 1)];
        try
        {
            DirectoryInfo directory = new(typed.Length == 0 ? "." : typed);
            return [.. directory.EnumerateFileSystemInfos(word[(slash + 1)..] + "*")
                .Take(MaxEntries)
                .Select(entry => typed + entry.Name + (entry is DirectoryInfo ? "/" : ""))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Somebody is still typing; a directory that is not there is no error yet.
            return [];
        }
    }
}
