using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>
/// Logs the connections of users who may not speak to the control API: the first at once, later ones at most once a minute with how many there were, so that
/// nobody fills the log by connecting. Thread-safe.
/// </summary>
internal sealed class ForeignPeers(ILogger logger)
{
    private const int PauseMs = 60_000;

    private readonly Lock _lock = new();
    private long _toldAtMs = long.MinValue;
    private long _untold;

    /// <summary>A connection of such a user has been closed.</summary>
    public void Note(uint user)
    {
        long others;
        lock (_lock)
        {
            long nowMs = Environment.TickCount64;
            if (_toldAtMs != long.MinValue && nowMs - _toldAtMs < PauseMs)
            {
                _untold++;
                return;
            }

            (others, _untold, _toldAtMs) = (_untold, 0, nowMs);
        }

        if (others == 0)
        {
            logger.LogWarning("user {User} may not use the control socket; its connection is closed", user);
        }
        else
        {
            logger.LogWarning("user {User} may not use the control socket; its connection is closed, as were {Others} of such users before it", user, others);
        }
    }
}
