using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What a check of the pool's metadata found.</summary>
/// <param name="ProblemCount">How many contradictions; 0 means the pool is sound.</param>
/// <param name="Problems">The first of them, at most 100.</param>
/// <param name="Layers">Layers looked at.</param>
/// <param name="Exceptions">Chunk exceptions looked at.</param>
/// <param name="Extents">Extents found to be owned.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record PoolCheckResponse(
    long ProblemCount, IReadOnlyList<PoolProblemResponse> Problems, long Layers, long Exceptions, long Extents);
