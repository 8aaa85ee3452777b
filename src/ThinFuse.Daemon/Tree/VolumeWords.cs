using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tree;

/// <summary>The words for a volume's kind, the same in files, attributes and JSON.</summary>
internal static class VolumeWords
{
    /// <summary>volume or snapshot.</summary>
    public static string Of(VolumeKind kind) => kind == VolumeKind.Snapshot ? "snapshot" : "volume";
}
