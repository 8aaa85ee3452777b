using System.Globalization;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Values;

/// <summary>A place in a pool's data: an extent's number, or NODE:OFFSET such as n-0:1048576 or 0:5M.</summary>
internal static class ExtentAddressText
{
    private const string NodePrefix = "n-";

    /// <summary>Reads one.</summary>
    public static bool TryParse(string text, out ExtentPlace place, out string problem)
    {
        place = default;
        problem = "";
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long extent))
        {
            place = ExtentPlace.OfExtent(extent);
            return true;
        }

        string node = colon < 0 ? "" : text[..colon];
        node = node.StartsWith(NodePrefix, StringComparison.Ordinal) ? node[NodePrefix.Length..] : node;
        if (byte.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out byte index) && Size.TryParse(text[(colon + 1)..], out long offsetBytes, out problem))
        {
            place = ExtentPlace.OnNode(index, offsetBytes);
            return true;
        }

        problem = $"'{text}' is neither an extent's number nor NODE:OFFSET such as n-0:5M";
        return false;
    }

    /// <summary>How the control API is asked for it.</summary>
    public static string ToQuery(ExtentPlace place) => place.OffsetBytes is { } offsetBytes
        ? string.Create(CultureInfo.InvariantCulture, $"node={place.Node}&offsetBytes={offsetBytes}")
        : string.Create(CultureInfo.InvariantCulture, $"extent={place.Extent}");
}
