using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The daemon agreed to stop; the pool is free when this process has ended.</summary>
/// <param name="DaemonPid">The process to wait for.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record DaemonStopResponse(int DaemonPid);
