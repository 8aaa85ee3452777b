namespace ThinFuse.Pool.Tree;

/// <summary>The snapshot tree in memory. Not thread-safe: the pool's metadata lock guards it. Readers walk its layers without that lock.</summary>
internal sealed class LayerTree
{
    private readonly Dictionary<uint, Layer> _layers = [];
    private long _ownedVersion;

    public IEnumerable<Layer> Layers => _layers.Values;

    public int Count => _layers.Count;

    public Layer? Find(uint id) => _layers.GetValueOrDefault(id);

    /// <summary>Adds a layer, or moves it and changes its limit. The parent must exist unless it is 0 (at load, order parents first).</summary>
    public void Put(LayerRecord record)
    {
        if (!_layers.TryGetValue(record.Id, out Layer? layer))
        {
            _layers.Add(record.Id, layer = new Layer(record));
        }

        layer.Parent?.Children.Remove(layer);
        layer.Record = record;
        layer.Parent = record.ParentId == 0 ? null : _layers[record.ParentId];
        layer.Parent?.Children.Add(layer);
    }

    public void Remove(uint id)
    {
        Layer layer = _layers[id];
        if (layer.Children.Count != 0)
        {
            throw new InvalidOperationException($"layer {id} still carries {layer.Children.Count} others");
        }

        layer.Parent?.Children.Remove(layer);
        _layers.Remove(id);
    }

    /// <summary>Ids of the external origins that layers read through to.</summary>
    public HashSet<uint> OriginIds() => [.. _layers.Values.Where(layer => layer.Origin is not null).Select(layer => layer.Origin!.Id)];

    /// <summary>
    /// Extents that the layers below own. Frozen layers own what they own until a merge moves something, so the sums are kept, and a
    /// whole listing costs what the tree has layers, not the sum of all depths.
    /// </summary>
    public long OwnedBelow(Layer layer)
    {
        long version = Volatile.Read(ref _ownedVersion);
        long sum = 0;
        for (Layer at = layer; at.OwnedBelowVersion != version && at.Parent is { } parent; at = parent)
        {
            sum += parent.OwnedCount + (parent.OwnedBelowVersion == version ? parent.OwnedBelow : 0);
        }

        for (Layer at = layer; at.OwnedBelowVersion != version; at = at.Parent)
        {
            (at.OwnedBelow, at.OwnedBelowVersion) = (sum, version);
            if (at.Parent is null)
            {
                break;
            }

            sum -= at.Parent.OwnedCount;
        }

        return layer.OwnedBelow;
    }

    /// <summary>Frozen layers own something else than before. Any thread.</summary>
    public void NoteOwnedMoved() => Interlocked.Increment(ref _ownedVersion);
}
