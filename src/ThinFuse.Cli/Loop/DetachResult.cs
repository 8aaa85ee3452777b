namespace ThinFuse.Cli.Loop;

/// <summary>Loop devices that were detached.</summary>
/// <param name="Devices">The devices; empty when nothing was attached.</param>
internal sealed record DetachResult(IReadOnlyList<string> Devices);
