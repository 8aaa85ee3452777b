using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool;

/// <summary>How a pool is opened.</summary>
public sealed record PoolOpenOptions
{
    /// <summary>Where it will be mounted: shown to whoever finds the pool in use.</summary>
    public string? MountPoint { get; init; }

    /// <summary>
    /// The pool's lock, when the caller holds it already: then it stays the caller's, and outlives the pool. Null to take it while the pool is open.
    /// </summary>
    public PoolLock? Ownership { get; init; }

    /// <summary>
    /// Whether this process takes over from one that died with files open: deleted volumes that it had open are there, without names, and can be
    /// opened by their ids until <see cref="ThinPool.ForgetUnopenedNameless"/>. Otherwise they are gone with that process.
    /// </summary>
    public bool TakesOver { get; init; }

    /// <summary>Smallest <see cref="TableMemoryBytes"/>.</summary>
    public const long MinTableMemoryBytes = 2L << 20;

    /// <summary>Largest <see cref="TableMemoryBytes"/>.</summary>
    public const long MaxTableMemoryBytes = 64L << 30;

    /// <summary>
    /// Memory for the exception table, bytes: its newest part, which is read without I/O; an eighth is added for the index. Rounded down to a power of
    /// two. May differ from one opening to the next; a table that outgrows it is read from its files.
    /// </summary>
    public long TableMemoryBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Most memory for the resolved map, bytes: it remembers where volumes with snapshots find their chunks, so that reads cost the same whatever the
    /// number of snapshots. 128 bytes a chunk, rounded down to a power of two of them; taken from the system only as it fills.
    /// </summary>
    public long ResolvedMapBytes { get; init; } = 64L << 20;

    /// <summary>
    /// A checkpoint is taken when the journal has grown by this many bytes: so much is read again by an opening after a crash, up to half a million changes at
    /// the usual 16 MiB.
    /// </summary>
    public long CheckpointEveryBytes { get; init; } = 16L << 20;

    /// <summary>Size of one journal segment, bytes.</summary>
    public int JournalSegmentBytes { get; init; } = 4 << 20;

    /// <summary>What nobody asked to be synced is committed after this long, milliseconds; 0 for never.</summary>
    public int CommitIntervalMs { get; init; } = 5000;

    /// <summary>False keeps deleted layers as they are until <see cref="ThinPool.ReclaimNow"/> (tests, offline tools).</summary>
    public bool BackgroundReclaim { get; init; } = true;

    /// <summary>How many chunks of deleted layers are copied at a time, 1 or more: most of that is waiting for the nodes.</summary>
    public int ReclaimThreads { get; init; } = 8;

    /// <summary>Opens also when extents have several owners, to find all of them: for a check that only reads.</summary>
    internal bool KeepsConflicts { get; init; }

    /// <summary>Opens a pool that needs a check as if it did not: for what works on an overlay.</summary>
    internal bool IgnoresNeedsCheck { get; init; }

    /// <summary>Sizes of a table that was created with others than usual; null for <see cref="TableMemoryBytes"/> and the usual ones.</summary>
    internal ExceptionTableOptions? Table { get; init; }

    /// <summary>Brings back the exception table from (storage, directory, token); null for the one on FASTER. What is thrown is as there.</summary>
    internal Func<IStorage, string, Guid, IExceptionTable>? RecoversTable { get; init; }

    /// <summary>Where events and errors are logged.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
