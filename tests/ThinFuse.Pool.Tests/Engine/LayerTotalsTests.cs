using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Totals of many layers at once.</summary>
public sealed class LayerTotalsTests
{
    [Fact]
    public void Each_layer_is_looked_at_once_however_many_are_asked_for()
    {
        const uint depth = 3000;
        LayerTree tree = new();
        for (uint id = 1; id <= depth; id++)
        {
            tree.Put(new LayerRecord(id, id - 1, long.MaxValue));
            tree.Find(id)!.AddOwned(2);
        }

        tree.Put(new LayerRecord(depth + 1, 10, long.MaxValue));
        tree.Find(depth + 1)!.AddOwned(1);
        LayerTotals totals = new();

        // From the middle first, then all, upwards and downwards.
        totals.Of(tree.Find(1500)!).Should().Be(3000);
        foreach (Layer layer in tree.Layers.Concat(tree.Layers.Reverse()))
        {
            totals.Of(layer).Should().Be(layer.Id > depth ? 21 : 2 * layer.Id);
        }

        totals.Steps.Should().Be((int)depth + 1);
    }
}
