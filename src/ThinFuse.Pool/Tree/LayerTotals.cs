namespace ThinFuse.Pool.Tree;

/// <summary>
/// How many extents each layer and all below it own, at one moment: asked for many layers, each of them is looked at once, however deep the tree is. The
/// metadata lock is held; made anew for each listing.
/// </summary>
internal sealed class LayerTotals
{
    private readonly Dictionary<Layer, long> _totals = [];
    private readonly Stack<Layer> _above = [];

    /// <summary>Layers looked at so far.</summary>
    public int Steps => _totals.Count;

    /// <summary>Extents of the layer and of all below it.</summary>
    public long Of(Layer top)
    {
        long total = 0;
        for (Layer? layer = top; layer is not null && !_totals.TryGetValue(layer, out total); layer = layer.Parent)
        {
            _above.Push(layer);
        }

        while (_above.TryPop(out Layer? layer))
        {
            _totals.Add(layer, total += layer.OwnedCount);
        }

        return total;
    }
}
