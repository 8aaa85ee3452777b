namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes a writable volume that begins with the contents of another volume or snapshot.</summary>
/// <param name="Source">The name of a volume or snapshot.</param>
/// <param name="Target">The new volume's name.</param>
public sealed record CloneCreateRequest(string Source, string Target);
