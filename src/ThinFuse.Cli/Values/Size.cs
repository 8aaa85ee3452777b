using System.Globalization;

namespace ThinFuse.Cli.Values;

/// <summary>Sizes as users write and read them: bytes, or whole numbers of binary K, M, G, T.</summary>
internal static class Size
{
    /// <summary>Every size of a volume or pool is a multiple of this.</summary>
    public const int SectorBytes = 512;

    private const string Units = "KMGT";

    /// <summary>Reads a positive size that is a multiple of 512: <c>512</c>, <c>64K</c>, <c>10GiB</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="bytes">The size; 0 when it is none.</param>
    /// <param name="problem">Why it is none; empty when it is one.</param>
    public static bool TryParse(string text, out long bytes, out string problem)
    {
        bytes = 0;
        problem = "";
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string number = digits < 0 ? text : text[..digits];
        string unit = digits < 0 ? "" : text[digits..];
        int shift = ShiftOf(unit);
        if (number.Length == 0 || shift < 0)
        {
            problem = $"'{text}' is not a size; write bytes or a whole number of K, M, G or T, such as 10G";
            return false;
        }

        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count) || count > long.MaxValue >> shift)
        {
            problem = $"'{text}' is larger than any size can be; the limit is 8388607T";
            return false;
        }

        long value = count << shift;
        if (value == 0)
        {
            problem = $"'{text}' is no size; a size is at least {SectorBytes} bytes";
            return false;
        }

        if (value % SectorBytes != 0)
        {
            decimal next = value - (value % SectorBytes) + (decimal)SectorBytes;
            problem = $"'{text}' is not a multiple of {SectorBytes} bytes; the next one is {next}";
            return false;
        }

        bytes = value;
        return true;
    }

    /// <summary>A size for people: <c>512 B</c>, <c>10 GiB</c>, <c>1.4 TiB</c>.</summary>
    public static string ToText(long bytes)
    {
        if (bytes < 1024)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        int unit = Math.Min((63 - int.CreateChecked(long.LeadingZeroCount(bytes))) / 10, Units.Length);
        double value = Math.Round(bytes / Math.Pow(1024, unit), 1);
        if (value >= 1024 && unit < Units.Length)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit - 1]}iB");
    }

    private static int ShiftOf(string unit)
    {
        if (unit.Length == 0)
        {
            return 0;
        }

        int index = Units.IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal);
        bool known = index >= 0 && (unit.Length == 1 || unit[1..].Equals("iB", StringComparison.Ordinal));
        return known ? (index + 1) * 10 : -1;
    }
}
