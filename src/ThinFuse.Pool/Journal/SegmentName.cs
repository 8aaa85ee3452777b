using System.Globalization;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// A segment's place: which journal (generation) it belongs to, and its position there, counted from 0. It is also the file's name.
/// </summary>
internal readonly record struct SegmentName(long Generation, long Ordinal)
{
    private const string Prefix = "segment-";
    private const int DigitCount = 16;

    public override string ToString() => $"{Prefix}{Generation:x16}-{Ordinal:x16}";

    /// <summary>False for every other file name.</summary>
    internal static bool TryParse(string fileName, out SegmentName name)
    {
        name = default;
        if (fileName.Length != Prefix.Length + DigitCount + 1 + DigitCount || !fileName.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }
        bool isNumbered = TryParseHex(fileName.AsSpan(Prefix.Length, DigitCount), out long generation)
            & TryParseHex(fileName.AsSpan(Prefix.Length + DigitCount + 1), out long ordinal);
        name = new SegmentName(generation, ordinal);
        return isNumbered && name.ToString() == fileName;
    }

    private static bool TryParseHex(ReadOnlySpan<char> digits, out long value) =>
        long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
}
