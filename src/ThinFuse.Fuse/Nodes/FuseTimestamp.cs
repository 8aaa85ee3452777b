namespace ThinFuse.Fuse.Nodes;

/// <summary>A point in time as the kernel counts it.</summary>
/// <param name="Seconds">Seconds since 1970-01-01 UTC; may be negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
public readonly record struct FuseTimestamp(long Seconds, uint Nanoseconds)
{
    /// <summary>The present, with the resolution of the system clock.</summary>
    public static FuseTimestamp Now => From(DateTimeOffset.UtcNow);

    /// <summary>Converts without loss: the resolution of a <see cref="DateTimeOffset"/> is 100 ns.</summary>
    public static FuseTimestamp From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return rest < 0
            ? new FuseTimestamp(seconds - 1, (uint)((rest + TimeSpan.TicksPerSecond) * TimeSpan.NanosecondsPerTick))
            : new FuseTimestamp(seconds, (uint)(rest * TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Converts back, rounded down to 100 ns and held within what <see cref="DateTimeOffset"/> can express.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        long seconds = Math.Clamp(Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(Math.Min(Nanoseconds, 999_999_999) / TimeSpan.NanosecondsPerTick);
    }
}
