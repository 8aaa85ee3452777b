namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes an empty volume.</summary>
/// <param name="Name">Its name: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,127}</c>.</param>
/// <param name="SizeBytes">Its size, a positive multiple of 512; may exceed the pool's.</param>
public sealed record VolumeCreateRequest(string Name, long SizeBytes);
