namespace ThinFuse.Cli.Supervision;

/// <summary>How a server ended that should have gone on.</summary>
/// <param name="AtMs">When, by <see cref="Environment.TickCount64"/>.</param>
/// <param name="WasKilled">Whether by SIGKILL, which is somebody's will and no fault of the server.</param>
/// <param name="HadServed">Whether it had come to serve.</param>
internal sealed record ServerDeath(long AtMs, bool WasKilled, bool HadServed);
