using System.Diagnostics;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Waits for what another process does in its own time and sends no event for.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks again and again until it is so.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="isSo">Whether it is so.</param>
    /// <param name="instead">What there is at the end, for the message.</param>
    /// <exception cref="TimeoutException">It does not become so.</exception>
    public static void Until(string what, Func<bool> isSo, Func<object>? instead = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            if (watch.Elapsed > Patience)
            {
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for: {what}; instead: {instead?.Invoke()}");
            }

            Thread.Sleep(Pause);
        }
    }
}
