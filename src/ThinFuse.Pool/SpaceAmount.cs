using System.Globalization;

namespace ThinFuse.Pool;

/// <summary>An amount of space: bytes, or percent of the pool's size whatever that is at the moment; or none.</summary>
public readonly record struct SpaceAmount
{
    /// <summary>The largest number of percent.</summary>
    public const int MaxPercent = 1000;

    private const string None = "off";
    private readonly long _value; // Bytes above 0, percent below.

    private SpaceAmount(long value) => _value = value;

    /// <summary>No amount.</summary>
    public static SpaceAmount Off => default;

    /// <summary>Whether there is none.</summary>
    public bool IsOff => _value == 0;

    /// <summary>Percent of the pool's size; 0 when it is bytes or none.</summary>
    public int Percent => (int)Math.Max(0, -_value);

    /// <summary>As one number, for the disk.</summary>
    internal long Code => _value;

    /// <summary>So many bytes, above 0.</summary>
    public static SpaceAmount OfBytes(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return new SpaceAmount(bytes);
    }

    /// <summary>So many percent of the pool's size, 1 to <see cref="MaxPercent"/>.</summary>
    public static SpaceAmount OfPercent(int percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, MaxPercent);
        return new SpaceAmount(-percent);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote: <c>off</c>, <c>10%</c>, or a number of bytes.</summary>
    public static bool TryParse(string text, out SpaceAmount amount)
    {
        bool isPercent = text.EndsWith('%');
        bool isNumber = long.TryParse(isPercent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        bool isAmount = isNumber && number > 0 && (!isPercent || number <= MaxPercent);
        amount = isAmount ? new SpaceAmount(isPercent ? -number : number) : default;
        return isAmount || text == None;
    }

    /// <summary>How much that is of a pool of so many bytes.</summary>
    public long InBytes(long totalBytes) => _value >= 0 ? _value : (long)((Int128)totalBytes * -_value / 100);

    /// <inheritdoc/>
    public override string ToString() => _value switch
    {
        0 => None,
        < 0 => string.Create(CultureInfo.InvariantCulture, $"{-_value}%"),
        _ => _value.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The amount of a number from the disk; false when that is none.</summary>
    internal static bool TryDecode(long code, out SpaceAmount amount)
    {
        amount = new SpaceAmount(code);
        return code >= -MaxPercent;
    }
}
