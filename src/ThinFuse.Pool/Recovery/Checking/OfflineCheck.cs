using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>Checks a pool that nobody has open: each structure by itself, then, when all are what was written, the rules between them.</summary>
internal static class OfflineCheck
{
    /// <summary>Runs it, and lets a pool that needed it, and is sound, be written to again: that is all that changes.</summary>
    /// <exception cref="PoolException">Damaged: there is no superblock to start from.</exception>
    public static CheckReport RunAndClear(IStorage storage, string poolDirectory, IProgress<double>? progress)
    {
        string? reason = NeedsCheck.Find(storage);
        CheckReport report = Run(storage, poolDirectory, progress);
        if (reason is null || !report.IsClean)
        {
            return report;
        }

        NeedsCheck.Clear(storage);
        return report with { WasNeededFor = reason };
    }

    /// <summary>Runs it, on an overlay, so that no byte of the pool changes.</summary>
    /// <param name="storage">Where the pool is.</param>
    /// <param name="poolDirectory">Its directory, for nodes that are named relative to it.</param>
    /// <param name="progress">Is told how much is done, 0 to 1.</param>
    /// <param name="options">How much memory to take; null for what a pool in use takes.</param>
    /// <exception cref="PoolException">Damaged: there is no superblock to start from.</exception>
    public static CheckReport Run(IStorage storage, string poolDirectory, IProgress<double>? progress, PoolOpenOptions? options = null)
    {
        ProblemList problems = new();
        StructureInspector inspector = new(storage, problems);
        inspector.Run(withTable: options?.RecoversTable is null);
        if (problems.All.Count > 0)
        {
            return new CheckReport(problems.All, 0, 0, 0, 0, 0);
        }

        using MemoryOverlayStorage overlay = new(storage, poolDirectory);
        try
        {
            PoolOpenOptions quiet = (options ?? new PoolOpenOptions()) with
            {
                BackgroundReclaim = false,
                CommitIntervalMs = 0,
                KeepsConflicts = true,
                IgnoresNeedsCheck = true,
            };
            using ThinPool pool = ThinPool.Open(overlay, quiet, poolDirectory);
            return pool.Check(inspector.Log, progress);
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.Damaged)
        {
            // Each part is what was written, and yet they do not fit together.
            problems.Add(CheckProblemKinds.Journal, e.Message);
            return new CheckReport(problems.All, 0, 0, 0, 0, 0);
        }
    }
}
