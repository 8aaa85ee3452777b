using System.Globalization;

namespace ThinFuse.Cli.Values;

/// <summary>Ages for people: the largest unit that has passed at least once.</summary>
internal static class Age
{
    private static readonly (TimeSpan Unit, string Name)[] Units =
    [
        (TimeSpan.FromDays(365), "years"),
        (TimeSpan.FromDays(1), "days"),
        (TimeSpan.FromHours(1), "hours"),
        (TimeSpan.FromMinutes(1), "minutes"),
        (TimeSpan.FromSeconds(1), "seconds"),
    ];

    /// <summary><c>3 hours</c>, <c>1 day</c>; what is not a second old, or comes from a clock that ran ahead, is <c>0 seconds</c>.</summary>
    public static string ToText(TimeSpan age)
    {
        (TimeSpan unit, string name) = Units.FirstOrDefault(candidate => age >= candidate.Unit, Units[^1]);
        long count = Math.Max(0, (long)(age / unit));
        return string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? name[..^1] : name)}");
    }
}
