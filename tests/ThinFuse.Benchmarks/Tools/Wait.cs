using System.Diagnostics;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>Waiting for what has no event to wait on.</summary>
internal static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Looks again and again until it is so; returns the milliseconds that took.</summary>
    /// <exception cref="InvalidOperationException">The time is up.</exception>
    public static double Until(Func<bool> isSo, string what, CancellationToken cancel, int pauseMs = 5)
    {
        return TryUntil(isSo, Patience, cancel, pauseMs) ?? throw new InvalidOperationException($"waited {Patience.TotalSeconds} s in vain for {what}");
    }

    /// <summary>Looks again and again until it is so; returns the milliseconds that took, or null when the time is up.</summary>
    public static double? TryUntil(Func<bool> isSo, TimeSpan patience, CancellationToken cancel, int pauseMs = 5)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            cancel.ThrowIfCancellationRequested();
            if (watch.Elapsed > patience)
            {
                return null;
            }

            Thread.Sleep(pauseMs);
        }

        return watch.Elapsed.TotalMilliseconds;
    }
}
