using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The daemon agreed to make way.</summary>
/// <param name="DaemonPid">The process that ends; another one serves when the pool's status names it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record DaemonUpgradeResponse(int DaemonPid);
