using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>One thing that is wrong in a pool.</summary>
/// <param name="Kind">image, table, journal, node, extent, mask, layer, groups, volume or accounting.</param>
/// <param name="Message">One line: where, and what.</param>
/// <param name="Volume">A volume or snapshot that reads through it; null when none does or it is not known.</param>
/// <param name="OffsetBytes">Where in that volume.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record PoolProblemResponse(string Kind, string Message, string? Volume = null, long? OffsetBytes = null);
