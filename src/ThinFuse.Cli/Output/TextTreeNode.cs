namespace ThinFuse.Cli.Output;

/// <summary>A line of a tree, and what hangs below it.</summary>
/// <param name="Text">The line.</param>
internal sealed record TextTreeNode(string Text)
{
    public List<TextTreeNode> Children { get; } = [];
}
