using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary>Puts the flat list of the control API into a tree.</summary>
internal static class SnapshotTree
{
    /// <summary>The roots, in the order of the list. An entry whose parent does not come before it stands as a root, so nothing is left
    /// out.</summary>
    public static IReadOnlyList<TextTreeNode> Build(IReadOnlyList<TreeEntryResponse> entries)
    {
        List<TextTreeNode> roots = [];
        Dictionary<string, TextTreeNode> byName = [];
        foreach (TreeEntryResponse entry in entries)
        {
            TextTreeNode node = new($"{entry.Name}  {Size.ToText(entry.SizeBytes)}, {Size.ToText(entry.ExclusiveBytes)} exclusive");
            List<TextTreeNode> siblings = entry.Parent is not null && byName.TryGetValue(entry.Parent, out TextTreeNode? parent)
                ? parent.Children
                : roots;
            siblings.Add(node);
            byName[entry.Name] = node;
        }

        return roots;
    }
}
