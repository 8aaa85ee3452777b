namespace ThinFuse.Pool.Pending;

/// <summary>A part of the pending set with a lock of its own; the lock also orders publishing into the groups that fall into the shard.</summary>
internal sealed class PendingShard
{
    private readonly Dictionary<(uint Layer, long Chunk), PendingChunk> _chunks = [];
    private readonly Stack<PendingChunk> _spare = new();

    public Lock Lock { get; } = new();

    public int Count => _chunks.Count;

    public IEnumerable<long> HeldExtents => _chunks.Values.Select(chunk => chunk.IsExtentPublished ? -1 : chunk.PendingExtent).Where(extent => extent >= 0);

    /// <summary>Extents drawn on a layer's promised chunks that no record names yet.</summary>
    public int DrawnCount(uint layer) =>
        _chunks.Count(chunk => chunk.Key.Layer == layer && chunk.Value is { IsExtentDrawn: true, IsExtentPublished: false });

    public PendingChunk? Find(uint layer, long chunk) => _chunks.GetValueOrDefault((layer, chunk));

    public PendingChunk Add(uint layer, long chunk)
    {
        if (!_spare.TryPop(out PendingChunk? pending))
        {
            pending = new PendingChunk();
        }

        _chunks.Add((layer, chunk), pending);
        return pending;
    }

    public void Remove(uint layer, long chunk, PendingChunk pending)
    {
        _chunks.Remove((layer, chunk));
        pending.Exclusive = 0;
        pending.InPlace = 0;
        pending.InPlaceClaims = 0;
        pending.PendingExtent = -1;
        pending.IsExtentPublished = false;
        pending.IsExtentDrawn = false;
        _spare.Push(pending);
    }
}
