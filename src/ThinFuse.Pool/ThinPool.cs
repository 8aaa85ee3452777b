using Microsoft.Extensions.Logging;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool;

/// <summary>An open pool: volumes and snapshots by name, space, and everything that is done to them.</summary>
/// <remarks>
/// <para>Thread-safe. Calls may block for I/O. Errors are <see cref="PoolException"/> with a kind and one line for people, or
/// <see cref="StorageException"/> with an errno when the host refuses an I/O.</para>
/// <para>What is durable when: create, snapshot, clone, delete, rename, resize and grow survive power loss when they return. A write survives the
/// death of the process when it returns, and power loss after a flush. A write refused for lack of space has left nothing behind.</para>
/// <para>One owner: a pool is open in one process at a time, by a lock that dies with the process.</para>
/// <para>After a metadata write or an fsync failed, the mode is <see cref="PoolMode.ReadOnly"/>: everything but reads is refused until the pool was closed,
/// checked and opened again. When it was the exception table that failed, it is <see cref="PoolMode.Failed"/>, and reads are refused too.</para>
/// </remarks>
public sealed partial class ThinPool : IDisposable
{
    private readonly PoolCore _core;
    private readonly Checkpointer _checkpointer;
    private readonly Snapshots _snapshots;
    private readonly SnapshotHolds _holds;
    private readonly Rollbacks _rollbacks;
    private readonly Flattener _flattener;
    private readonly Contents _contents;
    private readonly Receives _receives;
    private readonly SpaceUse _space;
    private readonly PatientCall _statusCommit;
    private readonly Reclaimer _reclaimer;
    private readonly BackgroundWorker? _reclaiming;
    private readonly BackgroundWorker? _maintenance;
    private readonly BackgroundWorker? _passdown;
    private readonly PoolLock? _lock;
    private readonly MemoryOverlayStorage? _paper;
    private readonly PoolOpenOptions _options;
    private readonly Lock _reclaimOnce = new();
    private int _disposed;

    private ThinPool(IStorage storage, string directory, PoolOpenOptions options, PoolLock? ownership)
    {
        Directory = directory;
        _lock = ownership;
        string? reason = options.IgnoresNeedsCheck ? null : NeedsCheck.Find(storage);
        if (reason is not null)
        {
            // Recovered on paper: what the disk holds stays as it is until it was checked.
            storage = _paper = new MemoryOverlayStorage(storage, storage.FullPath("."));
            options = options with { BackgroundReclaim = false, CommitIntervalMs = 0 };
        }

        _options = options;
        (_core, _checkpointer) = PoolLoader.Load(storage, options);
        Data = new DataPath(_core);
        Discard = new Discard(_core, Data);
        Allocation = new Allocation(_core, Data.Bounces);
        Seeker = new DataSeeker(_core);
        Admin = new VolumeAdmin(_core, Discard);
        Jobs = new JobSet(_core.Health);
        Origins = new OriginAdmin(_core, Admin);
        _snapshots = new Snapshots(_core, Admin);
        _holds = new SnapshotHolds(_core, Admin);
        _contents = new Contents(_core, Admin);
        _receives = new Receives(_core, Admin, _snapshots);
        _space = new SpaceUse(_core);
        _statusCommit = new PatientCall(_core.Commit);
        _reclaimer = new Reclaimer(_core, options.ReclaimThreads);
        Hydration = new Hydration(_core, Origins, Jobs, _reclaimer, Data.Bounces);
        _rollbacks = new Rollbacks(_core, Admin, _snapshots, Jobs);
        _flattener = new Flattener(_core, Admin, Allocation, _reclaimer, Jobs);
        if (options.BackgroundReclaim)
        {
            _reclaiming = new BackgroundWorker("thinfuse-reclaim", Reclaim, Report(PoolEventKinds.ReclaimFailed), 0);
            _core.ReclaimWanted = _reclaiming.Request;
            _reclaiming.Request();
            _passdown = new BackgroundWorker("thinfuse-passdown", _core.Passdown.Run, Report(PoolEventKinds.MaintenanceFailed), 0);
            _core.PassdownWanted = _passdown.Request;
            GoOnWithJobs();
        }

        if (reason is not null)
        {
            _core.Health.Fail(new PoolException(PoolErrorKind.Failed, $"it needs a check, since {reason}"));
        }

        _core.Host.Look();
        _core.Passdown.Apply();
        _core.PassdownWanted();

        if (options.CommitIntervalMs != 0)
        {
            _maintenance = new BackgroundWorker("thinfuse-commit", Maintain, Report(PoolEventKinds.MaintenanceFailed), options.CommitIntervalMs);
            _core.CheckpointWanted = _maintenance.Request;
            _core.Journal.SparesWanted = _maintenance.Request;
        }
    }

    /// <summary>Something happened that an operator wants to know. Raised on engine threads; handlers must not block.</summary>
    public event Action<PoolEvent>? Happened
    {
        add => _core.Health.Happened += value;
        remove => _core.Health.Happened -= value;
    }

    /// <summary>The pool's UUID.</summary>
    public Guid Id => _core.Id;

    /// <summary>The pool directory.</summary>
    public string Directory { get; }

    /// <summary>Chunk and block sizes.</summary>
    public Geometry Geometry => _core.Geometry;

    /// <summary>Copies that go on in the background.</summary>
    public JobSet Jobs { get; }

    /// <summary>The parts, for what looks deeper than a volume.</summary>
    internal PoolCore Core => _core;

    /// <summary>Extents free at this moment, without waiting for anything.</summary>
    internal long FreeExtents => _core.Extents.FreeCount;

    internal DataPath Data { get; }

    internal Discard Discard { get; }

    internal Allocation Allocation { get; }

    internal DataSeeker Seeker { get; }

    internal PromiseAdmin Promises => _core.Promises;

    internal VolumeAdmin Admin { get; }

    internal OriginAdmin Origins { get; }

    internal Hydration Hydration { get; }

    /// <summary>External origins that are held open.</summary>
    internal int OpenOrigins => _core.Origins.All.Count;

    /// <summary>Whether there is a pool in the directory that this user can see, open or not.</summary>
    public static bool Exists(string poolDirectory) => File.Exists(Path.Combine(poolDirectory, Superblock.FileName));

    /// <summary>Makes a pool in a directory that does not exist or is empty.</summary>
    /// <exception cref="PoolException">Usage, Exists (not empty), NoSpace (the host cannot hold it).</exception>
    public static void Create(string poolDirectory, PoolCreateOptions options)
    {
        PosixStorage storage = new(poolDirectory);
        if (storage.List(".").Count != 0)
        {
            throw new PoolException(PoolErrorKind.Exists, $"{poolDirectory} is not empty; name a new directory");
        }

        storage.CreateDirectory(".");
        PoolDirectoryGuard.Close(poolDirectory);
        using PoolLock ownership = PoolLock.Acquire(poolDirectory, null);
        Create(storage, options);
    }

    /// <summary>Why a pool needs a check, open or not: an earlier use of it failed, and until then it can only be read. Null when it does not.</summary>
    public static string? CheckNeededFor(string poolDirectory) => NeedsCheck.Find(new PosixStorage(poolDirectory));

    /// <summary>
    /// Opens a pool, recovering from whatever ended its last use. One that needs a check is opened for reading only, in the mode
    /// <see cref="PoolMode.ReadOnly"/>, and nothing of it changes on disk.
    /// </summary>
    /// <exception cref="PoolException">NotFound, Damaged, Failed (newer format).</exception>
    /// <exception cref="PoolInUseException">Another process has it.</exception>
    public static ThinPool Open(string poolDirectory, PoolOpenOptions? options = null)
    {
        PosixStorage storage = new(poolDirectory);
        MustExist(storage, poolDirectory);
        PoolDirectoryGuard.Require(poolDirectory);
        if (options?.Ownership is not null)
        {
            return new ThinPool(storage, poolDirectory, options, ownership: null);
        }

        PoolLock ownership = PoolLock.Acquire(poolDirectory, options?.MountPoint);
        try
        {
            return new ThinPool(storage, poolDirectory, options ?? new PoolOpenOptions(), ownership);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Checks a closed pool without changing a byte of it: first every structure by itself, and when all are sound the rules between them. Problems are
    /// in the report. One thing does change, where the pool's filesystem is not read-only: a pool that needed a check after a failure and is sound can be written to
    /// again.
    /// </summary>
    /// <param name="poolDirectory">The pool.</param>
    /// <param name="progress">Is told how much is done, from 0 to 1, on this thread.</param>
    /// <exception cref="PoolException">NotFound; Damaged: there is no superblock left to start from.</exception>
    /// <exception cref="PoolInUseException">Another process has it.</exception>
    public static CheckReport CheckOffline(string poolDirectory, IProgress<double>? progress = null)
    {
        PosixStorage storage = new(poolDirectory);
        MustExist(storage, poolDirectory);
        PoolDirectoryGuard.Require(poolDirectory);
        using IDisposable ownership = PoolLock.AcquireToLook(poolDirectory);
        return ownership is PoolLock
            ? OfflineCheck.RunAndClear(storage, poolDirectory, progress)
            : OfflineCheck.Run(storage, poolDirectory, progress);
    }

    internal static void Create(IStorage storage, PoolCreateOptions options) => PoolFormatter.Format(storage, options);

    internal static ThinPool Open(IStorage storage, PoolOpenOptions options, string directory = ".") => new(storage, directory, options, null);

    /// <summary>Stops background work, takes a checkpoint, and lets go of the pool. Handles must be disposed before.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Jobs.Close();
        StopWorkers();
        try
        {
            if (!_core.Health.HasFailed)
            {
                _checkpointer.Close();
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: everything acknowledged is in the journal, and recovery begins further back.
            _options.Logger.LogError(e, "the last checkpoint failed: {Message}", e.Message);
        }
        finally
        {
            LetGo();
        }
    }

    /// <summary>Lets go of everything without a last checkpoint or commit, as a crash would.</summary>
    internal void Abandon()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Jobs.Close();
            StopWorkers();
            LetGo();
        }
    }

    /// <summary>Nobody asks them for anything from here on, least of all the last checkpoint, which frees extents.</summary>
    private void StopWorkers()
    {
        _core.ReclaimWanted = _core.PassdownWanted = _core.CheckpointWanted = static () => { };
        _core.Journal.SparesWanted = null;
        _reclaiming?.Dispose();
        _maintenance?.Dispose();
        _passdown?.Dispose();
    }

    private void LetGo()
    {
        _core.Dispose();
        _paper?.Dispose();
        _lock?.Dispose();
    }

    private static void MustExist(IStorage storage, string poolDirectory)
    {
        if (!storage.Exists(Superblock.FileName))
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{poolDirectory} is no pool; create one with 'thinfuse pool create {poolDirectory}'");
        }
    }

    private Action<Exception> Report(string kind) => e =>
    {
        _options.Logger.LogError(e, "{Kind}: {Message}", kind, e.Message);
        _core.Health.Raise(kind, e.Message);
    };
}
