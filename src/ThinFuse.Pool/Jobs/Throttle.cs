namespace ThinFuse.Pool.Jobs;

/// <summary>Says how long to wait so that bytes go no faster than a rate. Times idle earn nothing. Not thread-safe.</summary>
internal sealed class Throttle
{
    private long _freeAtUs;

    /// <summary>Bytes a second; 0 for no limit.</summary>
    public long RateBytesPerSecond { get; private set; }

    /// <summary>Changes the rate; what was spent before no longer counts.</summary>
    public void SetRate(long rateBytesPerSecond)
    {
        RateBytesPerSecond = rateBytesPerSecond;
        _freeAtUs = 0;
    }

    /// <summary>Counts bytes that went at a time.</summary>
    public void Spend(long bytes, long nowMs)
    {
        if (RateBytesPerSecond != 0)
        {
            _freeAtUs = Math.Max(_freeAtUs, nowMs * 1000) + (long)(bytes * 1e6 / RateBytesPerSecond);
        }
    }

    /// <summary>How long the next bytes have to wait, milliseconds; 0 when they may go now.</summary>
    public long WaitMs(long nowMs) => Math.Max(0, (_freeAtUs / 1000) - nowMs);
}
