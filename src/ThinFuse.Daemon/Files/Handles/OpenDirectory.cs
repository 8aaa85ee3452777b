namespace ThinFuse.Daemon.Files.Handles;

/// <summary>
/// An open directory: the entries it had when reading began, so that a reader sees each name once whatever happens meanwhile.
/// </summary>
internal sealed class OpenDirectory : IOpenHandle
{
    /// <summary>The entries by their cookies, "." and ".." first; replaced when reading starts over. Null before anything is read by this process.</summary>
    public IReadOnlyList<DirectoryItem>? Items { get; set; }
}
