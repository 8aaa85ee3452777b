namespace ThinFuse.Daemon.Hosting;

/// <summary>A mount that serves.</summary>
/// <param name="IsProtected">Whether a successor goes on with it when this process dies.</param>
/// <param name="Obstacle">Why not, in one line; null when it is, or when nobody wanted it to be.</param>
public sealed record ServingState(bool IsProtected, string? Obstacle);
