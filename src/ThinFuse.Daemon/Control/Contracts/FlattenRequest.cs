namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Starts to make a volume share nothing any more.</summary>
/// <param name="RateBytesPerSecond">How fast it may copy at most; null or 0 for no limit.</param>
public sealed record FlattenRequest(long? RateBytesPerSecond = null);
