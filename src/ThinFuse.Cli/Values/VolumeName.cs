using EngineName = ThinFuse.Pool.Volumes.VolumeName;

namespace ThinFuse.Cli.Values;

/// <summary>The name of a volume, <c>vm1</c>, or of a snapshot of it, <c>vm1@monday</c>.</summary>
/// <param name="Volume">The part before the @.</param>
/// <param name="Snapshot">The part after the @; null for a volume.</param>
internal sealed record VolumeName(string Volume, string? Snapshot)
{
    /// <summary>Whether it names a snapshot.</summary>
    public bool IsSnapshot => Snapshot is not null;

    /// <summary>Reads a name of either kind.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="name">The name, or null.</param>
    /// <param name="problem">Why it is none; empty when it is one.</param>
    public static bool TryParse(string text, out VolumeName? name, out string problem)
    {
        string[] parts = text.Split('@');
        name = null;
        if (parts.Length > 2)
        {
            problem = $"'{text}' is not a name; one @ stands between a volume and its snapshot";
            return false;
        }

        foreach (string part in parts)
        {
            if (!TryCheckPart(part, out problem))
            {
                problem = part == text ? problem : $"'{text}': {problem}";
                return false;
            }
        }

        problem = "";
        name = new VolumeName(parts[0], parts.Length == 2 ? parts[1] : null);
        return true;
    }

    /// <summary>Checks one part: a letter or digit, then letters, digits, dot, underscore, hyphen.</summary>
    public static bool TryCheckPart(string part, out string problem)
    {
        problem = "";
        if (part.Length == 0)
        {
            problem = "a name is empty; give at least one letter or digit";
        }
        else if (part.Length > EngineName.MaxPartLength)
        {
            problem = $"a name has {part.Length} characters; at most {EngineName.MaxPartLength} are allowed";
        }
        else if (!EngineName.IsVolume(part))
        {
            problem = $"'{part}' is not a name; use letters, digits, '.', '_' and '-', a letter or digit first";
        }

        return problem.Length == 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Snapshot is null ? Volume : $"{Volume}@{Snapshot}";
}
