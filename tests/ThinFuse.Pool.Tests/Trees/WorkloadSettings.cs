namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What bounds a workload.</summary>
internal sealed record WorkloadSettings
{
    /// <summary>Files at a time.</summary>
    public int MaxFiles { get; init; } = 10;

    /// <summary>The largest volume.</summary>
    public int MaxVolumeBytes { get; init; } = 320 << 10;

    /// <summary>The largest write; most are much smaller.</summary>
    public int MaxWriteBytes { get; init; } = 40_000;

    /// <summary>
    /// Whether writes are whole sectors and discards whole blocks: then what a power cut tears is made of the model's states, and what is refused for want of
    /// space has changed nothing.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>Whether the pool promises no more than it has: then no write inside a volume's size is refused.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Whether the pool reclaims, commits, hydrates and flattens in the background, beside the steps: then a seed repeats the steps only.</summary>
    public bool IsBackground { get; init; }
}
