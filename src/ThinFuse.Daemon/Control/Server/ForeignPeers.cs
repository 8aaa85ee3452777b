using Microsoft.Extensions.Logging;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>
/// Logs the connections of users who may not speak to the control API, as <see cref="ReportLimit"/> lets it, so that nobody fills the log by connecting.
/// Thread-safe.
/// </summary>
internal sealed class ForeignPeers(ILogger logger)
{
    private readonly ReportLimit _limit = new(TimeProvider.System);

    /// <summary>A connection of such a user has been closed.</summary>
    public void Note(uint user)
    {
        if (!_limit.MayReport(out long others))
        {
            return;
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
