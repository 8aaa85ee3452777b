using System.Globalization;

namespace ThinFuse.Cli.Values;

/// <summary>Durations as users write them: whole numbers of ms, s, m or h.</summary>
internal static class Duration
{
    /// <summary>The longest duration that is taken: a timer of the runtime can hold it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Reads a positive duration: <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>.</summary>
    public static bool TryParse(string text, out TimeSpan duration, out string problem)
    {
        duration = TimeSpan.Zero;
        problem = "";
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        long unitMs = digits <= 0 ? 0 : text[digits..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000, _ => 0 };
        if (unitMs == 0)
        {
            problem = $"'{text}' is not a duration; write a whole number of ms, s, m or h, such as 500ms or 2m";
            return false;
        }

        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > Longest.TotalMilliseconds / unitMs)
        {
            problem = $"'{text}' is longer than can be waited for; the limit is {Longest.TotalHours:0}h";
            return false;
        }

        if (count == 0)
        {
            problem = $"'{text}' is no duration; give at least 1ms";
            return false;
        }

        duration = TimeSpan.FromMilliseconds(count * unitMs);
        return true;
    }
}
