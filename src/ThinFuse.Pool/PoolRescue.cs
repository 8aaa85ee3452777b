using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool;

/// <summary>What is done with the metadata of pools that nobody has open: written out as text, and built anew. Never in place.</summary>
/// <remarks>
/// Each call takes the locks of the pools it touches and blocks until it is done. Errors are <see cref="PoolException"/>,
/// <see cref="PoolInUseException"/> and <see cref="StorageException"/>.
/// </remarks>
public static class PoolRescue
{
    private static readonly PoolOpenOptions Quiet = new() { BackgroundReclaim = false, CommitIntervalMs = 0 };

    /// <summary>Writes all metadata of a closed pool as lines of text; no byte of the pool changes. See <see cref="ThinPool.Dump"/>.</summary>
    /// <exception cref="PoolException">NotFound; Damaged.</exception>
    public static void Dump(string poolDirectory, TextWriter target) => Look(poolDirectory, pool => pool.Dump(target));

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

    /// <summary>Opens a closed pool on an overlay, so that nothing of it changes.</summary>
    internal static void Look(string poolDirectory, Action<ThinPool> look)
    {
        if (!ThinPool.Exists(poolDirectory))
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{poolDirectory} is no pool; name a pool directory");
        }

        PosixStorage storage = new(poolDirectory);
        using PoolLock ownership = PoolLock.Acquire(poolDirectory, null);
        using MemoryOverlayStorage overlay = new(storage, poolDirectory);
        using ThinPool pool = ThinPool.Open(overlay, Quiet, poolDirectory);
        look(pool);
    }
}
