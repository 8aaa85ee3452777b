namespace ThinFuse.Daemon.Supervision;

/// <summary>What the supervisor is told by a server that makes way.</summary>
/// <param name="Command">The program of the successor, and its first arguments.</param>
/// <param name="PauseBeganAt">Since when requests are served no more, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
internal sealed record HandOverOrder(IReadOnlyList<string> Command, long PauseBeganAt);
