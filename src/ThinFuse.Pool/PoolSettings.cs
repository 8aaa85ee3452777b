namespace ThinFuse.Pool;

/// <summary>How a pool behaves: kept in the pool, changed while it is in use.</summary>
public sealed record PoolSettings
{
    /// <summary>How long a write waits for space unless told otherwise, as dm-thin does, milliseconds.</summary>
    public const long DefaultNoSpaceTimeoutMs = 60_000;

    /// <summary>What a write meets when there is no extent for it.</summary>
    public NoSpacePolicy NoSpace { get; init; } = NoSpacePolicy.Error;

    /// <summary>How long a write waits under <see cref="NoSpacePolicy.Queue"/>, milliseconds; 0 for as long as it takes.</summary>
    public long NoSpaceTimeoutMs { get; init; } = DefaultNoSpaceTimeoutMs;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="PoolException">Usage.</exception>
    internal void Validate()
    {
        if (NoSpaceTimeoutMs < 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "the time that writes wait for space cannot be negative; 0 is for ever");
        }
    }
}
