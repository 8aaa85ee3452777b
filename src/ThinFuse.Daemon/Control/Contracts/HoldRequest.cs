namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Keeps a snapshot from being deleted.</summary>
/// <param name="Name">Who holds it.</param>
public sealed record HoldRequest(string Name);
