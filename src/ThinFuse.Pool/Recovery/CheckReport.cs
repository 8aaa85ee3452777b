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
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsClean => Problems.Count == 0;
}
