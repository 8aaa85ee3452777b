using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>What the layers below own, added up once and kept.</summary>
public sealed class OwnedBelowTests
{
    [Fact]
    public void Sums_are_right_for_every_layer_and_follow_a_move()
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

        // From the middle first, then all, upwards and downwards.
        tree.OwnedBelow(tree.Find(1500)!).Should().Be(2998);
        MustAddUp(0);
        tree.Find(700)!.AddOwned(5);
        tree.NoteOwnedMoved();
        MustAddUp(5);

        void MustAddUp(int moved)
        {
            foreach (Layer layer in tree.Layers.Concat(tree.Layers.Reverse()))
            {
                long expected = layer.Id > depth ? 20 : (2 * (layer.Id - 1)) + (layer.Id > 700 ? moved : 0);
                tree.OwnedBelow(layer).Should().Be(expected, $"layer {layer.Id}");
            }
        }
    }
}
