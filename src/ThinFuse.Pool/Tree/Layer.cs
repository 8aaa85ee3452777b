namespace ThinFuse.Pool.Tree;

/// <summary>
/// One generation of a volume's writes: a node of the snapshot tree, owner of its exceptions and their extents. Only the head layer of a
/// volume changes; a layer with children, or with a snapshot's name on it, is frozen.
/// </summary>
/// <remarks>The links belong to the tree and change under its lock; counters may be read by any thread.</remarks>
internal sealed class Layer(LayerRecord record)
{
    private long _ownedCount;

    public uint Id => Record.Id;

    public LayerRecord Record { get; set; } = record;

    public Layer? Parent { get; set; }

    public List<Layer> Children { get; } = [];

    public GroupSet Groups { get; } = new();

    /// <summary>Volumes and snapshots that have this layer as their head, deleted ones that are still open included.</summary>
    public int NameCount { get; set; }

    /// <summary>Extents this layer owns.</summary>
    public long OwnedCount => Volatile.Read(ref _ownedCount);

    /// <summary>Where streams of writes into this layer continue; guarded by itself.</summary>
    public StreamHints Streams { get; } = new();

    /// <summary>Whether nothing needs this layer as a layer of its own: a leaf to drop, or one to merge into its only child.</summary>
    public bool IsReclaimable => NameCount == 0 && Children.Count <= 1;

    public void AddOwned(long count) => Interlocked.Add(ref _ownedCount, count);
}
