namespace ThinFuse.Daemon.Files.Handles;

/// <summary>
/// An open directory: the entries it had when reading began, so that a reader sees each name once whatever happens meanwhile.
/// </summary>
internal sealed class OpenDirectory : IOpenHandle
{
    private volatile IReadOnlyList<DirectoryItem>? _items;

    /// <summary>
    /// The entries by their cookies, "." and ".." first; replaced when reading starts over. Null before anything is read by this process, and when
    /// <see cref="DirectoryLists"/> has no room for them any more: then reading goes on in the entries of that moment.
    /// </summary>
    public IReadOnlyList<DirectoryItem>? Items
    {
        get => _items;
        set => _items = value;
    }
}
