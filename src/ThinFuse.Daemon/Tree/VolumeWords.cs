using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tree;

/// <summary>The words for a volume's kind, the same in files, attributes and JSON.</summary>
internal static class VolumeWords
{
    /// <summary>volume or snapshot.</summary>
    public static string Of(VolumeKind kind) => kind == VolumeKind.Volume ? "volume" : "snapshot";

    /// <summary>Who holds a snapshot, joined by commas.</summary>
    public static string HoldsOf(VolumeInfo volume) => string.Join(',', volume.Holds.Select(hold => hold.Name));
}
