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

    /// <summary>The mark of a pool that extends itself and has no <see cref="LowWater"/> of its own.</summary>
    public static SpaceAmount DefaultMark => SpaceAmount.OfPercent(10);

    /// <summary>An event is raised when this much or less is free.</summary>
    public SpaceAmount LowWater { get; init; }

    /// <summary>How much the last file node grows at the low-water mark, or when a write finds no space.</summary>
    public SpaceAmount AutoExtend { get; init; }

    /// <summary>Size that the pool does not extend itself beyond, bytes; 0 for as far as the host has room.</summary>
    public long MaxSizeBytes { get; init; }

    /// <summary>What becomes of the host's space behind free extents.</summary>
    public DiscardPolicy Discard { get; init; }

    /// <summary>
    /// Whether the pool refuses to promise more than it has: then no write inside a volume's size finds no extent, and what would make that untrue (a
    /// volume, a size, a clone, a snapshot) is refused instead.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>The mark that counts: <see cref="LowWater"/>, or <see cref="DefaultMark"/> where the pool extends itself.</summary>
    public SpaceAmount Mark => LowWater.IsOff && !AutoExtend.IsOff ? DefaultMark : LowWater;

    /// <summary>How a new pool behaves unless told otherwise: what was not taken from the host at first is given back when it is free.</summary>
    public static PoolSettings For(NodePreallocation preallocation) =>
        new() { Discard = preallocation == NodePreallocation.Off ? DiscardPolicy.Passdown : DiscardPolicy.Keep };

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="PoolException">Usage.</exception>
    internal void Validate()
    {
        if (LowWater.Percent >= 100)
        {
            throw new PoolException(PoolErrorKind.Usage, "the low-water mark is a part of the pool: less than 100%");
        }

        if (MaxSizeBytes < 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "the size that the pool may extend itself to cannot be negative; 0 is without limit");
        }

        if (NoSpaceTimeoutMs < 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "the time that writes wait for space cannot be negative; 0 is for ever");
        }
    }
}
