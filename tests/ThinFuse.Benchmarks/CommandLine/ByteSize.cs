using System.CommandLine.Parsing;
using System.Globalization;

namespace ThinFuse.Benchmarks.CommandLine;

/// <summary>Sizes on the command line: bytes, or binary K, M, G, T.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>A parser for an option's value.</summary>
    public static long Parse(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (TryParse(text, out long bytes))
        {
            return bytes;
        }

        result.AddError($"'{text}' is no size; give bytes or binary K, M, G, T, such as 4G");
        return 0;
    }

    /// <summary>Reads a size above 0.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        int unit = text.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        string digits = unit < 0 ? text : text[..^1];
        int shift = 10 * (unit + 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number == 0 || number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = number << shift;
        return true;
    }
}
