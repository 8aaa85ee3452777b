using System.Globalization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The names of clones that one request makes.</summary>
public static class CloneNames
{
    /// <summary>Most clones of one request.</summary>
    public const int MaxCount = 10_000;

    private const int MinDigits = 4;

    /// <summary>
    /// The target alone without a count; with one, <c>target-0001</c> and so on, with as many digits as the last of them needs, so that they
    /// are listed in the order of their numbers.
    /// </summary>
    public static IReadOnlyList<string> Of(string target, int? count)
    {
        if (count is not { } all)
        {
            return [target];
        }

        string digits = "D" + Math.Max(MinDigits, all.ToString(CultureInfo.InvariantCulture).Length).ToString(CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(1, all).Select(number => $"{target}-{number.ToString(digits, CultureInfo.InvariantCulture)}")];
    }
}
