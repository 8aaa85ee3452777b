namespace ThinFuse.Pool.Jobs;

/// <summary>What users may change of a job while it lives.</summary>
/// <param name="IsPaused">Whether it stands still.</param>
/// <param name="RateBytesPerSecond">How fast it may go at most; 0 for no limit.</param>
public sealed record JobSettings(bool IsPaused = false, long RateBytesPerSecond = 0)
{
    internal void Validate()
    {
        if (RateBytesPerSecond < 0)
        {
            throw new PoolException(PoolErrorKind.Usage, $"{RateBytesPerSecond} bytes a second is no rate; give a positive one, or 0 for no limit");
        }
    }
}
