using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Loop;

/// <summary>Who holds a loop device.</summary>
internal static class LoopUsers
{
    /// <summary>Where it is mounted, as <c> (mounted at /mnt)</c>; empty when it is held in some other way.</summary>
    public static string Describe(string device)
    {
        string name = Path.GetFileName(device);
        IReadOnlyList<string> mounts = [.. MountTable.Read()
            .Where(mount => mount.Source == device || Path.GetFileName(mount.Source).StartsWith(name + "p", StringComparison.Ordinal))
            .Select(mount => mount.MountPoint)];
        return mounts.Count == 0 ? "" : $" (mounted at {string.Join(", ", mounts)})";
    }
}
