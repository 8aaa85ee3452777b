namespace ThinFuse.Cli.Mount;

/// <summary>What a daemon says to the command that started it, once its mount serves.</summary>
/// <param name="Pid">The serving process.</param>
/// <param name="IsProtected">Whether another process goes on with the mount when that one dies.</param>
/// <param name="Obstacle">Why not; null when it is, or when nobody wanted it.</param>
internal sealed record ServingReport(int Pid, bool IsProtected, string? Obstacle);
