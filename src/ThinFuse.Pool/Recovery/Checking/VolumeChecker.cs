using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>Proves that volumes and layers are linked as they say, and that every layer is read by a volume or waits to be reclaimed.</summary>
internal sealed class VolumeChecker(MetadataState state, ProblemList problems)
{
    public void Run()
    {
        Dictionary<Layer, int> names = [];
        foreach (Volume volume in state.Volumes)
        {
            names[volume.Head] = names.GetValueOrDefault(volume.Head) + 1;
            Check(volume);
        }

        foreach (Layer layer in state.Tree.Layers)
        {
            Check(layer, names.GetValueOrDefault(layer));
        }
    }

    private void Check(Volume volume)
    {
        VolumeRecord record = volume.Record;
        bool isNamed = volume.IsSnapshot ? VolumeName.IsSnapshot(record.Name) : VolumeName.IsVolume(record.Name);
        Expect(isNamed, "its name is none");
        Expect(
            record.SizeBytes is >= 0 and <= Geometry.MaxVolumeBytes && record.SizeBytes % Geometry.SectorBytes == 0,
            $"its size {record.SizeBytes} cannot be");
        Expect(record.HeadLayer == volume.Head.Id && state.Tree.Find(volume.Head.Id) == volume.Head, $"its layer {record.HeadLayer} is not in the tree");
        Expect(volume.IsReadOnly || volume.Head.Children.Count == 0, $"others depend on its head layer {volume.Head.Id}");
        Expect(volume.IsReadOnly || volume.Head.NameCount == 1, $"its head layer {volume.Head.Id} is shared");

        void Expect(bool condition, string problem)
        {
            if (!condition)
            {
                problems.Add(CheckProblemKinds.Volume, $"{record.Name}: {problem}", record.Name);
            }
        }
    }

    private void Check(Layer layer, int names)
    {
        // Deleted volumes that are still open have a name on their layer that no list shows.
        bool isLinked = (layer.Parent?.Id ?? 0) == layer.Record.ParentId
            && (layer.Parent is null || state.Tree.Find(layer.Parent.Id) == layer.Parent)
            && layer.Children.TrueForAll(child => child.Parent == layer);
        if (!isLinked || layer.NameCount < names || layer.VisibleChunks < 0)
        {
            problems.Add(
                CheckProblemKinds.Layer,
                $"layer {layer.Id} is not linked as it says: parent {layer.Record.ParentId}, {layer.NameCount} names where there are {names}, "
                + $"{layer.VisibleChunks} chunks visible below");
        }

        if (layer.Origin is { } origin && layer.Parent is not null)
        {
            problems.Add(CheckProblemKinds.Layer, $"layer {layer.Id} has both an external origin, {origin.Path}, and a layer below it");
        }
    }
}
