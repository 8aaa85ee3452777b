namespace ThinFuse.Pool;

/// <summary>What a check of a pool found.</summary>
/// <param name="Problems">What is wrong, the first 100; empty when all is well.</param>
/// <param name="Volumes">Volumes and snapshots seen.</param>
/// <param name="Layers">Layers seen.</param>
/// <param name="Exceptions">Exceptions seen.</param>
/// <param name="OwnedExtents">Extents that layers own.</param>
/// <param name="TotalExtents">Extents there are.</param>
public sealed record CheckReport(
    IReadOnlyList<CheckProblem> Problems, int Volumes, int Layers, long Exceptions, long OwnedExtents, long TotalExtents)
{
    /// <summary>Why the pool could only be read until this check found it sound; null when that was not so.</summary>
    public string? WasNeededFor { get; init; }

    /// <summary>Extents that are out of use, because the disk below them is bad.</summary>
    public long RetiredExtents { get; init; }

    /// <summary>Bytes that a bad disk has lost: reading them is an error until they are written. The metadata knows of them, so they are no problem of it.</summary>
    public long LostBytes { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsClean => Problems.Count == 0;
}
