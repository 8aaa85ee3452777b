namespace ThinFuse.Cli.Supervision;

/// <summary>
/// Tells when it makes no sense to start another server: three crashes within a minute, or three in a row that did not even come to serve. A server that served
/// and was killed from outside does not count.
/// </summary>
internal sealed class CrashLoop
{
    /// <summary>Within how long crashes are counted together.</summary>
    public const long WindowMs = 60_000;

    /// <summary>How many end it.</summary>
    public const int MostDeaths = 3;

    private readonly Queue<long> _crashes = new();
    private int _inVain;

    /// <summary>Counts a death; whether it was one too many.</summary>
    public bool Ends(ServerDeath death)
    {
        _inVain = death.HadServed ? 0 : _inVain + 1;
        if (!death.WasKilled)
        {
            _crashes.Enqueue(death.AtMs);
        }

        while (_crashes.TryPeek(out long oldest) && death.AtMs - oldest > WindowMs)
        {
            _crashes.Dequeue();
        }

        return _crashes.Count >= MostDeaths || _inVain >= MostDeaths;
    }
}
