namespace ThinFuse.EndToEnd.Harness;

/// <summary>One mount of this machine.</summary>
/// <param name="Path">Where.</param>
/// <param name="Type">The filesystem type.</param>
/// <param name="Source">What.</param>
internal sealed record MountEntry(string Path, string Type, string Source)
{
    /// <summary>Everything mounted at or below a directory, in the order it was mounted.</summary>
    public static IReadOnlyList<MountEntry> Below(string directory) =>
        [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' '))
            .Select(fields => new MountEntry(fields[1], fields[2], fields[0]))
            .Where(mount => mount.Path == directory || mount.Path.StartsWith(directory + "/", StringComparison.Ordinal))];

    /// <summary>Whether something is mounted at exactly this place.</summary>
    public static bool IsMounted(string path) => Below(path).Any(mount => mount.Path == path);
}
