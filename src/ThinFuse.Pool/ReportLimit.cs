namespace ThinFuse.Pool;

/// <summary>
/// For reports that somebody else's doing could make without end: the first is made at once, later ones at most once a minute, with how many there were.
/// Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ReportLimit(TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _reportedAt;
    private long _heldBack;

    /// <summary>Whether to report what has just happened.</summary>
    /// <param name="heldBack">How many before it were not, since the last report; 0 when this one is not to be either.</param>
    public bool MayReport(out long heldBack)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_reportedAt is { } last && time.GetElapsedTime(last, now) < s_pause)
            {
                _heldBack++;
                heldBack = 0;
                return false;
            }

            (heldBack, _heldBack, _reportedAt) = (_heldBack, 0, now);
            return true;
        }
    }
}
