namespace ThinFuse.Daemon.Files.Handles;

/// <summary>
/// Bounds the memory of open directories: the entries of those whose reading began last are kept, others are listed anew when their reading goes on. A user
/// who opens directories by the thousand and reads each a little costs no more than one who reads a few. Thread-safe.
/// </summary>
/// <param name="capacity">How many keep their entries.</param>
internal sealed class DirectoryLists(int capacity = DirectoryLists.DefaultCapacity)
{
    /// <summary>How many of a mount keep them.</summary>
    public const int DefaultCapacity = 64;

    private readonly Queue<OpenDirectory> _kept = [];

    /// <summary>Gives a directory its entries, for as long as there is room for them.</summary>
    public void Keep(OpenDirectory directory, IReadOnlyList<DirectoryItem> items)
    {
        directory.Items = items;
        lock (_kept)
        {
            _kept.Enqueue(directory);
            if (_kept.Count > capacity)
            {
                _kept.Dequeue().Items = null;
            }
        }
    }
}
