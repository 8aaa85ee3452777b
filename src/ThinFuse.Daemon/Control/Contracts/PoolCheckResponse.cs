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
    long ProblemCount, IReadOnlyList<PoolProblemResponse> Problems, long Layers, long Exceptions, long Extents)
{
    /// <summary>Why the pool could only be read until this check found it sound; null when that was not so.</summary>
    public string? WasNeededFor { get; init; }

    /// <summary>Extents out of use, because the disk below them is bad.</summary>
    public long RetiredExtents { get; init; }

    /// <summary>Bytes that a bad disk has lost: reading them is EIO until they are written. No problem of the metadata, which knows of them.</summary>
    public long LostBytes { get; init; }
}
