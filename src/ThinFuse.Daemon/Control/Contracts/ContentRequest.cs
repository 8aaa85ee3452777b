namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Asks what a snapshot holds.</summary>
/// <param name="Snapshot">The snapshot's name.</param>
public sealed record ContentRequest(string Snapshot);
