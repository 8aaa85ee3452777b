namespace ThinFuse.Daemon.Files.Handles;

/// <summary>
/// An open directory: the entries it had when reading began, so that a reader sees each name once whatever happens meanwhile.
/// </summary>
internal sealed class OpenDirectory : IOpenHandle
{
    /// <summary>The entries, "." and ".." among them; replaced when reading starts over.</summary>
    public IReadOnlyList<DirectoryItem> Items { get; set; } = [];
}
