using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// One generation of a volume's writes: a node of the snapshot tree, owner of its exceptions and their extents. Only the head layer of a
/// volume changes; a layer with children, or with a snapshot's name on it, is frozen.
/// </summary>
/// <remarks>
/// <para>The links belong to the tree and change under its lock; counters may be read by any thread.</para>
/// <para>
/// Readers walk down the parents without a lock. A layer that was merged away keeps its parent: a reader that stands on it goes on, and misses nothing,
/// because what it held has moved up and the walk is checked afterwards.
/// </para>
/// </remarks>
internal sealed class Layer(LayerRecord record)
{
    private LayerRecord _record = record;
    private long _visibleChunks = record.VisibleChunks;
    private Layer? _parent;
    private Volume? _writer;
    private OriginRecord? _origin;
    private long _ownedCount;

    public uint Id { get; } = record.Id;

    public LayerRecord Record
    {
        get => _record;
        set
        {
            _record = value;
            Volatile.Write(ref _visibleChunks, value.VisibleChunks);
        }
    }

    /// <summary>
    /// The layer below. A merge lowers <see cref="VisibleChunks"/> before it links to what lies deeper, so whoever reads both reads the parent first.
    /// </summary>
    public Layer? Parent
    {
        get => Volatile.Read(ref _parent);
        set => Volatile.Write(ref _parent, value);
    }

    /// <summary>
    /// The external origin that shows through where the layer decides nothing, below <see cref="VisibleChunks"/>; null for none. It counts where there
    /// is no parent: whoever reads both reads the parent first, for a merge hands the origin up before it takes the parent away.
    /// </summary>
    public OriginRecord? Origin
    {
        get => Volatile.Read(ref _origin);
        set => Volatile.Write(ref _origin, value);
    }

    /// <summary>What the record says, for walks.</summary>
    public long VisibleChunks => Volatile.Read(ref _visibleChunks);

    public List<Layer> Children { get; } = [];

    public GroupSet Groups { get; } = new();

    /// <summary>Volumes and snapshots that have this layer as their head, deleted ones that are still open included.</summary>
    public int NameCount { get; set; }

    /// <summary>The one volume that writes into this layer, its head; null when the layer is frozen. Stands still inside the volume's gate.</summary>
    public Volume? Writer
    {
        get => Volatile.Read(ref _writer);
        set => Volatile.Write(ref _writer, value);
    }

    /// <summary>Extents this layer owns.</summary>
    public long OwnedCount => Volatile.Read(ref _ownedCount);

    /// <summary>Extents that the layers below own, as of <see cref="OwnedBelowVersion"/>; the tree keeps it.</summary>
    public long OwnedBelow { get; set; }

    /// <summary>The tree's version when <see cref="OwnedBelow"/> was added up; -1 for never.</summary>
    public long OwnedBelowVersion { get; set; } = -1;

    /// <summary>Where streams of writes into this layer continue; guarded by itself.</summary>
    public StreamHints Streams { get; } = new();

    /// <summary>Whether nothing needs this layer as a layer of its own: a leaf to drop, or one to merge into its only child.</summary>
    public bool IsReclaimable => NameCount == 0 && Children.Count <= 1;

    /// <summary>Whose promise a chunk of this layer falls under; null for nobody's. Stands still inside the gate of the writer, and under the shard's lock.</summary>
    public Reservation? PromisedTo(long chunk) => Writer?.Reservation is { } reservation && reservation.Promises(chunk) ? reservation : null;

    public void AddOwned(long count) => Interlocked.Add(ref _ownedCount, count);
}
