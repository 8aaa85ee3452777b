namespace ThinFuse.Fuse.Wire;

/// <summary>What INIT agreed on. Fixed for the life of a connection.</summary>
public sealed record FuseNegotiation
{
    /// <summary>The protocol's major version: 7.</summary>
    public const uint Major = 7;

    /// <summary>The minor version that this library speaks at most.</summary>
    public const uint HighestMinor = 45;

    /// <summary>The oldest minor version that is served (Linux 5.4).</summary>
    public const uint LowestMinor = 31;

    /// <summary>The minor version that the kernel speaks, which may be above <see cref="HighestMinor"/>.</summary>
    public required uint KernelMinor { get; init; }

    /// <summary>Everything that the kernel offered.</summary>
    public required FuseInitFlags Offered { get; init; }

    /// <summary>What was agreed: offered by the kernel and wanted here.</summary>
    public required FuseInitFlags Agreed { get; init; }

    /// <summary>The most bytes that one WRITE carries.</summary>
    public required int MaxWriteBytes { get; init; }

    /// <summary>The most bytes that the kernel reads ahead.</summary>
    public required int MaxReadaheadBytes { get; init; }

    /// <summary>How many background requests the kernel sends before it waits.</summary>
    public required int MaxBackground { get; init; }

    /// <summary>Whether the kernel can send unanswered requests again to a successor of this process.</summary>
    public bool CanResend => Agreed.HasFlag(FuseInitFlags.HasResend);

    /// <summary>The minor version in use: the lower of both sides'.</summary>
    public uint Minor => Math.Min(KernelMinor, HighestMinor);
}
