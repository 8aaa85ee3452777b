using System.Globalization;

namespace ThinFuse.Pool.Volumes;

/// <summary>Names for what nobody named: the time.</summary>
public static class TimeName
{
    /// <summary>
    /// Such as 20261124T101500Z, then the same with -2, -3 and so on, without end: one may be taken, by what was made in the same second or before the clock
    /// was set back.
    /// </summary>
    public static IEnumerable<string> Of(DateTime utc)
    {
        string time = utc.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        yield return time;
        for (int i = 2; ; i++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{time}-{i}");
        }
    }
}
