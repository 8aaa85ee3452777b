namespace ThinFuse.Pool.Tree;

/// <summary>The snapshot tree in memory. Not thread-safe: the pool's metadata lock guards it.</summary>
internal sealed class LayerTree
{
    private readonly Dictionary<uint, Layer> _layers = [];

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

    /// <summary>The layers a reader passes, head first.</summary>
    public static Layer[] ChainOf(Layer head)
    {
        List<Layer> chain = [];
        for (Layer? layer = head; layer is not null; layer = layer.Parent)
        {
            chain.Add(layer);
        }

        return [.. chain];
    }
}
