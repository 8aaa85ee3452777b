namespace ThinFuse.Pool.Volumes;

/// <summary>The rules for names: a volume is [A-Za-z0-9][A-Za-z0-9._-]{0,127}, a snapshot is two of those joined by '@'.</summary>
public static class VolumeName
{
    /// <summary>Longest volume name, and longest snapshot part.</summary>
    public const int MaxPartLength = 128;

    /// <summary>Whether the name may stand for a volume.</summary>
    public static bool IsVolume(string name) => IsPart(name);

    /// <summary>Whether the name may stand for a snapshot.</summary>
    public static bool IsSnapshot(string name)
    {
        int at = name.IndexOf('@');
        return at > 0 && IsPart(name.AsSpan(0, at)) && IsPart(name.AsSpan(at + 1));
    }

    /// <summary>The file name of a volume's snapshot; a snapshot of a snapshot, vm1@a, is one of the same volume, vm1@b.</summary>
    public static string Snapshot(string volume, string snapshot) => $"{volume.Split('@')[0]}@{snapshot}";

    private static bool IsPart(ReadOnlySpan<char> part)
    {
        if (part.Length is 0 or > MaxPartLength || !char.IsAsciiLetterOrDigit(part[0]))
        {
            return false;
        }

        foreach (char c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
