using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Recovery.Salvage;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool;

/// <summary>What is done with the metadata of pools that nobody has open: looked at, written out as text, and built anew. Never in place.</summary>
/// <remarks>
/// Each call takes the locks of the pools it touches and blocks until it is done. Errors are <see cref="PoolException"/>,
/// <see cref="PoolInUseException"/> and <see cref="StorageException"/>.
/// </remarks>
public static class PoolRescue
{
    private static readonly PoolOpenOptions Quiet = new() { BackgroundReclaim = false, CommitIntervalMs = 0, IgnoresNeedsCheck = true };

    /// <summary>How a closed pool is. It is recovered if need be, as by any opening; where its filesystem is read-only, on paper.</summary>
    /// <exception cref="PoolException">NotFound; Damaged.</exception>
    public static PoolStatus Status(string poolDirectory)
    {
        MustExist(poolDirectory);
        PoolDirectoryGuard.Require(poolDirectory);
        PoolOpenOptions options = Quiet with { IgnoresNeedsCheck = false };
        using IDisposable ownership = PoolLock.AcquireToLook(poolDirectory);
        if (ownership is PoolLock whole)
        {
            using ThinPool pool = ThinPool.Open(poolDirectory, options with { Ownership = whole });
            return pool.Status();
        }

        return OnPaper(poolDirectory, options, pool => pool.Status());
    }

    /// <summary>Writes all metadata of a closed pool as lines of text; no byte of the pool changes. See <see cref="ThinPool.Dump"/>.</summary>
    /// <exception cref="PoolException">NotFound; Damaged.</exception>
    public static void Dump(string poolDirectory, TextWriter target) => Look(poolDirectory, pool =>
    {
        pool.Dump(target);
        return true;
    });

    /// <summary>
    /// Builds a pool's metadata from a dump, for node files or devices that are there and hold its data. Their labels change: from then on they belong to the
    /// new directory, and metadata in any other can no longer be opened. Durable when it returns; after an error nothing is left behind.
    /// </summary>
    /// <param name="dump">What <see cref="Dump"/> wrote.</param>
    /// <param name="poolDirectory">A directory that does not exist, is empty, or holds nothing but <c>nodes</c>.</param>
    /// <param name="options">Where the nodes are.</param>
    /// <exception cref="PoolException">Exists (the directory is not empty), Damaged (the dump, or a node), Usage, NoSpace.</exception>
    public static void Restore(TextReader dump, string poolDirectory, PoolRestoreOptions options)
    {
        PosixStorage storage = new(poolDirectory);
        NewPoolPlace.MustBeFree(storage, poolDirectory);
        storage.CreateDirectory(".");
        using PoolLock ownership = PoolLock.Acquire(poolDirectory, null);
        using PoolsAround around = new(options.NodePaths.Select(Path.GetFullPath), poolDirectory);
        PoolRestorer.Run(dump, storage, options);
    }

    /// <summary>
    /// Builds new metadata out of what is left of a damaged pool's, for its nodes, which stay where they are. Nothing of the old directory changes, but for
    /// the labels of the nodes: from then on they belong to the new directory, and the old one can no longer be opened. Durable when it returns; after an
    /// error nothing is left behind.
    /// </summary>
    /// <remarks>
    /// It needs one image of volumes and layers and the checkpoint of the table; from the table's log and the journal it takes every record that a checksum
    /// proves, and where two claim one extent the newer keeps it. What is lost is in the report.
    /// </remarks>
    /// <param name="poolDirectory">The damaged pool.</param>
    /// <param name="newPoolDirectory">A directory that does not exist or is empty.</param>
    /// <param name="force">Takes nodes whose label cannot be read, or says that they belong to another pool or place.</param>
    /// <exception cref="PoolException">NotFound, Exists (the new directory is not empty), Damaged (too little is left, or a node is missing), NoSpace.</exception>
    public static RepairReport Repair(string poolDirectory, string newPoolDirectory, bool force = false)
    {
        if (!Directory.Exists(poolDirectory))
        {
            throw new PoolException(PoolErrorKind.NotFound, $"there is no pool directory {poolDirectory}; name the pool to repair");
        }

        PosixStorage old = new(poolDirectory);
        PosixStorage fresh = new(newPoolDirectory);
        using PoolLock oldOwnership = PoolLock.Acquire(poolDirectory, null);
        NewPoolPlace.MustBeFree(fresh, newPoolDirectory);
        fresh.CreateDirectory(".");
        using PoolLock newOwnership = PoolLock.Acquire(newPoolDirectory, null);
        return PoolRepair.Run(old, fresh, force);
    }

    /// <summary>Who reads an extent of a closed pool; no byte of the pool changes. See <see cref="ThinPool.WhereIs"/>.</summary>
    /// <exception cref="PoolException">NotFound; Damaged; Usage: there is no such place.</exception>
    public static ExtentUse WhereIs(string poolDirectory, ExtentPlace place) => Look(poolDirectory, pool => pool.WhereIs(place));

    private static T Look<T>(string poolDirectory, Func<ThinPool, T> look)
    {
        MustExist(poolDirectory);
        using IDisposable ownership = PoolLock.AcquireToLook(poolDirectory);
        return OnPaper(poolDirectory, Quiet, look);
    }

    /// <summary>Opens a closed pool on an overlay, so that nothing of it changes.</summary>
    private static T OnPaper<T>(string poolDirectory, PoolOpenOptions options, Func<ThinPool, T> look)
    {
        using MemoryOverlayStorage overlay = new(new PosixStorage(poolDirectory), poolDirectory);
        using ThinPool pool = ThinPool.Open(overlay, options, poolDirectory);
        return look(pool);
    }

    private static void MustExist(string poolDirectory)
    {
        if (!ThinPool.Exists(poolDirectory))
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{poolDirectory} is no pool; name a pool directory");
        }
    }
}
