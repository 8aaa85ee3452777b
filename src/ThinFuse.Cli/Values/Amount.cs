using System.Globalization;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Values;

/// <summary>Amounts of space as users write them: <c>10%</c> of the pool, a size, or <c>off</c>.</summary>
internal static class Amount
{
    /// <summary>The forms.</summary>
    public const string Forms = "PERCENT%|SIZE|off";

    private const string Off = "off";

    /// <summary>Reads an amount into the words of the control API.</summary>
    public static bool TryParse(string text, out string? amount, out string problem)
    {
        (amount, problem) = (Off, "");
        if (text == Off)
        {
            return true;
        }

        if (!text.EndsWith('%'))
        {
            bool isSize = Size.TryParse(text, out long bytes, out problem);
            amount = bytes.ToString(CultureInfo.InvariantCulture);
            return isSize;
        }

        amount = text;
        problem = SpaceAmount.TryParse(text, out _) ? "" : $"'{text}' is no share of the pool; give a whole number from 1% to {SpaceAmount.MaxPercent}%";
        return problem.Length == 0;
    }

    /// <summary>Reads a size, or <c>off</c>, which is 0.</summary>
    public static bool TryParseLimit(string text, out long? bytes, out string problem)
    {
        (bytes, problem) = (0, "");
        if (text == Off)
        {
            return true;
        }

        bool isSize = Size.TryParse(text, out long value, out problem);
        bytes = value;
        return isSize;
    }
}
