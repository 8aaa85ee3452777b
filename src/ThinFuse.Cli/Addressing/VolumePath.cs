using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Addressing;

/// <summary>A volume or snapshot addressed by its file, MNT/vm1; whether anything is mounted there is not known yet.</summary>
/// <param name="Directory">The directory, absolute.</param>
/// <param name="Name">The file name.</param>
internal sealed record VolumePath(string Directory, VolumeName Name)
{
    /// <summary>The whole path, absolute.</summary>
    public string FullPath => Path.Combine(Directory, Name.ToString());

    /// <summary>Takes a path apart; the name must be one, the directory is not looked at.</summary>
    public static bool TryParse(string text, out VolumePath? path, out string problem)
    {
        path = null;
        if (!VolumeName.TryParse(Path.GetFileName(text), out VolumeName? name, out problem))
        {
            problem = $"{problem} (a volume is addressed as MNT/NAME)";
            return false;
        }

        string directory = Path.GetDirectoryName(text) is { Length: > 0 } given ? given : ".";
        path = new VolumePath(Path.GetFullPath(directory), name!);
        return true;
    }
}
