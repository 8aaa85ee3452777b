using System.Globalization;

namespace ThinFuse.Daemon.Tree;

/// <summary>How values are written for programs: the same everywhere, whatever the locale.</summary>
internal static class TreeText
{
    /// <summary>A number.</summary>
    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>0 or 1.</summary>
    public static string Of(bool value) => value ? "1" : "0";

    /// <summary>UTC, ISO 8601 with milliseconds.</summary>
    public static string Of(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
