using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary>Puts the flat list of the control API into a tree.</summary>
internal static class SnapshotTree
{
    /// <summary>The roots, in the order of the list. An entry whose parent does not come before it stands as a root, so nothing is left
    /// out.</summary>
    /// <param name="entries">The list.</param>
    /// <param name="now">What ages are counted from.</param>
    public static IReadOnlyList<TextTreeNode> Build(IReadOnlyList<TreeEntryResponse> entries, DateTimeOffset now)
    {
        List<TextTreeNode> roots = [];
        Dictionary<string, TextTreeNode> byName = [];
        foreach (TreeEntryResponse entry in entries)
        {
            TextTreeNode node = new(Text(entry, now));
            List<TextTreeNode> siblings = entry.Parent is not null && byName.TryGetValue(entry.Parent, out TextTreeNode? parent)
                ? parent.Children
                : roots;
            siblings.Add(node);
            byName[entry.Name] = node;
        }

        return roots;
    }

    private static string Text(TreeEntryResponse entry, DateTimeOffset now)
    {
        string holds = entry.Holds.Count == 0 ? "" : $", held by {string.Join(", ", entry.Holds)}";
        return $"{entry.Name}  {Size.ToText(entry.SizeBytes)}, {Size.ToText(entry.ExclusiveBytes)} exclusive, {Size.ToText(entry.SharedBytes)} shared, "
            + $"{Age.ToText(now - entry.CreatedAt)} old{holds}";
    }
}
