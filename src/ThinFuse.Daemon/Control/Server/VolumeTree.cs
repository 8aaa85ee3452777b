using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Puts volumes and snapshots in the order of their descent.</summary>
internal static class VolumeTree
{
    /// <summary>All entries, each after the one it was taken from, siblings by name.</summary>
    /// <remarks>
    /// A volume that was emptied and then became a copy of its own descendant would make a circle; the oldest of such a circle is shown
    /// as a root.
    /// </remarks>
    public static IReadOnlyList<TreeEntryResponse> ParentsFirst(IReadOnlyList<VolumeInfo> volumes)
    {
        Dictionary<ulong, VolumeInfo> byId = volumes.ToDictionary(volume => volume.Id);
        ILookup<ulong, VolumeInfo> children =
            volumes.OrderByDescending(volume => volume.Name, StringComparer.Ordinal).ToLookup(volume => volume.OriginId);
        List<TreeEntryResponse> entries = [];
        HashSet<ulong> seen = [];
        IEnumerable<VolumeInfo> roots = volumes.Where(volume => !byId.ContainsKey(volume.OriginId));
        foreach (VolumeInfo root in roots.OrderBy(volume => volume.Name, StringComparer.Ordinal))
        {
            Descend(root);
        }

        foreach (VolumeInfo inCircle in volumes.OrderBy(volume => volume.Id))
        {
            Descend(inCircle);
        }

        return entries;

        void Descend(VolumeInfo root)
        {
            Stack<(VolumeInfo Volume, string? Parent)> pending = new([(root, null)]);
            while (pending.TryPop(out (VolumeInfo Volume, string? Parent) next))
            {
                if (seen.Add(next.Volume.Id))
                {
                    entries.Add(Entry(next.Volume, next.Parent));
                    foreach (VolumeInfo child in children[next.Volume.Id])
                    {
                        pending.Push((child, next.Volume.Name));
                    }
                }
            }
        }
    }

    private static TreeEntryResponse Entry(VolumeInfo volume, string? parent) =>
        new(volume.Name, parent, Answers.Of(volume.Kind), volume.SizeBytes, volume.ExclusiveBytes, volume.CreatedAt)
        {
            SharedBytes = volume.SharedBytes,
            ReadOnly = volume.IsReadOnly,
            Holds = [.. volume.Holds.Select(hold => hold.Name)],
        };
}
