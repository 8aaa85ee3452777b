using System.Text;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tree;

/// <summary>
/// The read-only tree below .thinfuse, in the manner of sysfs: one value a file, made when it is opened, ended by a newline; and a stream
/// of events. Thread-safe.
/// </summary>
internal sealed class StatusTree(ThinPool pool, MetricsText metrics)
{
    /// <summary>The tree's name in the root directory.</summary>
    public const string Name = ".thinfuse";

    private static readonly IReadOnlyList<TreeEntry> RootEntries =
    [
        new("pool", new(TreePlace.Pool)),
        new("nodes", new(TreePlace.Nodes)),
        new("volumes", new(TreePlace.Volumes)),
        new("metrics", new(TreePlace.Metrics)),
        new("events", new(TreePlace.Events)),
    ];

    private static readonly IReadOnlyList<TreeEntry> PoolEntries = Entries(TreeFiles.Pool, TreePlace.PoolFile, 0);

    /// <summary>The entries of a directory, without "." and ".."; empty when its subject is gone.</summary>
    public IReadOnlyList<TreeEntry> List(TreeNode directory) => directory.Place switch
    {
        TreePlace.Root => RootEntries,
        TreePlace.Pool => PoolEntries,
        TreePlace.Nodes => [.. Enumerable.Range(0, pool.NodeCount).Select(index => new TreeEntry($"n-{index}", new(TreePlace.Node, 0, (ulong)index)))],
        TreePlace.Node when HasNode(directory.Subject) => Entries(TreeFiles.Node, TreePlace.NodeFile, directory.Subject),
        TreePlace.Volumes => [.. pool.Volumes(withExclusive: false).Select(EntryOf)],
        TreePlace.Volume when Exists(directory) => Entries(TreeFiles.Volume, TreePlace.VolumeFile, directory.Subject),
        _ => [],
    };

    /// <summary>The entry of that name, or null.</summary>
    public TreeNode? Find(TreeNode directory, string name)
    {
        if (directory.Place == TreePlace.Volumes)
        {
            return pool.Find(name) is { } volume ? EntryOf(volume).Node : null;
        }

        foreach (TreeEntry entry in List(directory))
        {
            if (entry.Name == name)
            {
                return entry.Node;
            }
        }

        return null;
    }

    /// <summary>The directory above; null for the top of the tree.</summary>
    public static TreeNode? ParentOf(TreeNode node) => node.Place switch
    {
        TreePlace.Root => null,
        TreePlace.PoolFile => new(TreePlace.Pool),
        TreePlace.Node => new(TreePlace.Nodes),
        TreePlace.NodeFile => new(TreePlace.Node, 0, node.Subject),
        TreePlace.Volume => new(TreePlace.Volumes),
        TreePlace.VolumeFile => new(TreePlace.Volume, 0, node.Subject),
        _ => TreeNode.Root,
    };

    /// <summary>Whether a node's subject still exists.</summary>
    public bool Exists(TreeNode node) => node.Place switch
    {
        TreePlace.Node or TreePlace.NodeFile => HasNode(node.Subject),
        TreePlace.Volume or TreePlace.VolumeFile => pool.Find(node.Subject) is not null,
        _ => true,
    };

    /// <summary>What a file holds now, or null when its subject is gone or it is the stream.</summary>
    public byte[]? Read(TreeNode file) => file.Place switch
    {
        TreePlace.Metrics => Encoding.UTF8.GetBytes(metrics.Render()),
        TreePlace.PoolFile => Content(TreeFiles.Pool, file.File, new PoolView(pool.Status(), pool.Directory)),
        TreePlace.NodeFile => Content(TreeFiles.Node, file.File, HasNode(file.Subject) ? pool.FindNode((int)file.Subject) : null),
        TreePlace.VolumeFile => Content(TreeFiles.Volume, file.File, pool.Find(file.Subject, withExclusive: true)),
        _ => null,
    };

    private static TreeEntry EntryOf(VolumeInfo volume) => new(volume.Name, new(TreePlace.Volume, 0, volume.Id));

    private static TreeEntry[] Entries<T>(IReadOnlyList<TreeFile<T>> files, TreePlace place, ulong subject) =>
        [.. files.Select((file, index) => new TreeEntry(file.Name, new(place, (byte)index, subject)))];

    private static byte[]? Content<T>(IReadOnlyList<TreeFile<T>> files, byte index, T? source)
        where T : class =>
        source is null || index >= files.Count ? null : Encoding.UTF8.GetBytes(files[index].Value(source) + "\n");

    private bool HasNode(ulong index) => index < (ulong)pool.NodeCount;
}
