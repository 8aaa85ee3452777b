using System.Globalization;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Control.Translation;

/// <summary>Reserve policies and the words for them.</summary>
internal static class Reserves
{
    /// <summary>none, full, or bytes.</summary>
    public static string TextOf(ReservePolicy policy) => policy.Mode switch
    {
        ReserveMode.Full => ReserveWords.Full,
        ReserveMode.Emergency => policy.EmergencyBytes.ToString(CultureInfo.InvariantCulture),
        _ => ReserveWords.None,
    };

    /// <summary>The policy after a request; what it leaves out stays.</summary>
    /// <exception cref="PoolException">Usage: other words.</exception>
    public static ReservePolicy Apply(string? reserve, string? when, ReservePolicy present)
    {
        ReservePolicy policy = reserve switch
        {
            null => present,
            ReserveWords.None => ReservePolicy.None,
            ReserveWords.Full => ReservePolicy.Full with { WhenOpen = present.WhenOpen },
            _ when long.TryParse(reserve, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) =>
                ReservePolicy.Emergency(bytes) with { WhenOpen = present.WhenOpen },
            _ => throw new PoolException(PoolErrorKind.Usage, $"'{reserve}' is no reserve; give none, full, or bytes"),
        };
        return when switch
        {
            null => policy,
            ReserveWords.Always => policy with { WhenOpen = false },
            ReserveWords.Open => policy with { WhenOpen = true },
            _ => throw new PoolException(PoolErrorKind.Usage, $"'{when}' is no time for a reserve; give always or open"),
        };
    }
}
