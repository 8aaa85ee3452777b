namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Changes a job that has not ended; what is null stays.</summary>
/// <param name="Paused">Whether it stands still.</param>
/// <param name="RateBytesPerSecond">How fast it may go at most; 0 for no limit.</param>
public sealed record JobUpdateRequest(bool? Paused = null, long? RateBytesPerSecond = null);
