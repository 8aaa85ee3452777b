using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>Which volumes and snapshots read through a layer. The metadata lock is held.</summary>
internal static class LayerReaders
{
    private const int MaxNamed = 3;

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> NamesOf(MetadataState state, Layer layer) =>
        [.. state.Volumes.Where(volume => ReadsThrough(volume, layer)).Select(volume => volume.Record.Name).Order(StringComparer.Ordinal)];

    /// <summary>The first names, and how many more there are.</summary>
    public static string Text(IReadOnlyList<string> names) => names.Count <= MaxNamed
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MaxNamed))} and {names.Count - MaxNamed} more";

    public static bool ReadsThrough(Volume volume, Layer layer)
    {
        for (Layer? at = volume.Head; at is not null; at = at.Parent)
        {
            if (at == layer)
            {
                return true;
            }
        }

        return false;
    }
}
