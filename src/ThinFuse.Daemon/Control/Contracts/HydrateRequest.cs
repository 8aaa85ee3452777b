namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Has the rest of a volume's external origin copied into the pool in the background, or changes how that goes.</summary>
/// <param name="Action">What to do.</param>
/// <param name="RateBytesPerSecond">How fast it may go at most; 0 for no limit; null for what it was.</param>
public sealed record HydrateRequest(HydrateAction Action, long? RateBytesPerSecond = null);
