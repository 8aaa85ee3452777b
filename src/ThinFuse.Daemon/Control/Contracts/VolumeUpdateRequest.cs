namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Changes a volume; what is null stays.</summary>
/// <param name="SizeBytes">The new size, a positive multiple of 512; what lies beyond a smaller one is gone.</param>
/// <param name="NewName">The new name, which must be free.</param>
public sealed record VolumeUpdateRequest(long? SizeBytes = null, string? NewName = null);
