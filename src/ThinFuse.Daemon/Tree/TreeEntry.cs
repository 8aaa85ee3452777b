namespace ThinFuse.Daemon.Tree;

/// <summary>A name in a directory of the status tree.</summary>
/// <param name="Name">The name.</param>
/// <param name="Node">What it stands for.</param>
internal readonly record struct TreeEntry(string Name, TreeNode Node);
