namespace ThinFuse.Pool.Origins;

/// <summary>The external origin that a volume or snapshot reads through to, at one moment.</summary>
/// <param name="Path">Absolute path of the file or block device.</param>
/// <param name="LengthBytes">How much of it shows in the volume it was made with.</param>
/// <param name="HydratedBytes">Everything before this place is in the pool.</param>
/// <param name="Hydration">Whether the rest is being copied.</param>
/// <param name="Trouble">Why it cannot be read, or copied, now; null when nothing is wrong.</param>
public sealed record OriginStatus(string Path, long LengthBytes, long HydratedBytes, HydrationState Hydration, string? Trouble);
