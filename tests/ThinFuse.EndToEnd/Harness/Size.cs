using System.Globalization;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Sizes as commands take them.</summary>
internal static class Size
{
    private const string Units = "KMGT";

    /// <summary>The bytes of such as 64K or 10G.</summary>
    public static long Bytes(string text)
    {
        int unit = Units.IndexOf(text[^1], StringComparison.Ordinal) + 1;
        return long.Parse(unit == 0 ? text : text[..^1], CultureInfo.InvariantCulture) << (10 * unit);
    }
}
