namespace ThinFuse.Pool.Volumes;

/// <summary>What is kept ready for a volume, and when.</summary>
/// <param name="Mode">What.</param>
/// <param name="EmergencyBytes">How much under <see cref="ReserveMode.Emergency"/>, counted in whole chunks; 0 otherwise.</param>
/// <param name="WhenOpen">Only while the volume is open for writing; else always. Provisioned ranges are always kept.</param>
public sealed record ReservePolicy(ReserveMode Mode, long EmergencyBytes = 0, bool WhenOpen = false)
{
    /// <summary>Nothing is kept.</summary>
    public static ReservePolicy None { get; } = new(ReserveMode.None);

    /// <summary>Every write inside the size succeeds.</summary>
    public static ReservePolicy Full { get; } = new(ReserveMode.Full);

    /// <summary>So many bytes for when the pool has nothing else.</summary>
    public static ReservePolicy Emergency(long bytes) => new(ReserveMode.Emergency, bytes);

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="PoolException">Usage.</exception>
    internal void Validate()
    {
        bool makesSense = Mode switch
        {
            ReserveMode.None => EmergencyBytes == 0 && !WhenOpen,
            ReserveMode.Full => EmergencyBytes == 0,
            ReserveMode.Emergency => EmergencyBytes is > 0 and <= Geometry.MaxVolumeBytes,
            _ => false,
        };
        if (!makesSense)
        {
            throw new PoolException(PoolErrorKind.Usage, "reserve none, full, or a size above 0; only what is reserved can be reserved while open");
        }
    }
}
