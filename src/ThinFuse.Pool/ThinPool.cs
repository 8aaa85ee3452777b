using Microsoft.Extensions.Logging;
using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Recovery.ReverseMapping;
using ThinFuse.Pool.Space;
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
public sealed class ThinPool : IDisposable
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
    private readonly PoolGrowth _growth;
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
        _growth = new PoolGrowth(_core);
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
    /// in the report. One thing does change: a pool that needed a check after a failure and is sound can be written to again.
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
        using PoolLock ownership = PoolLock.Acquire(poolDirectory, null);
        return OfflineCheck.RunAndClear(storage, poolDirectory, progress);
    }

    internal static void Create(IStorage storage, PoolCreateOptions options) => PoolFormatter.Format(storage, options);

    internal static ThinPool Open(IStorage storage, PoolOpenOptions options, string directory = ".") => new(storage, directory, options, null);

    /// <summary>The pool now; freed space that only waits for a commit gets it first, so this may be I/O.</summary>
    public PoolStatus Status()
    {
        try
        {
            if (_core.Extents.WaitingCount != 0 && !_core.Health.HasFailed)
            {
                _core.Commit();
            }
        }
        catch (Exception) when (_core.Health.HasFailed)
        {
            // The failure is logged, and the mode below says it.
        }

        _core.Host.Look();
        lock (_core.MetadataLock)
        {
            long chunkBytes = Geometry.ChunkBytes;
            ExtentCounts counts = _core.Extents.Counts;
            int snapshots = _core.Metadata.Volumes.Count(volume => volume.IsSnapshot);
            (long exclusive, long shared) = _space.OwnedExtents();
            long missing = Math.Min(counts.Free, _core.Host.MissingCount);
            return new PoolStatus(
                Id, _core.Health.Mode, Geometry.ChunkBytes, counts.Total * chunkBytes, counts.Allocated * chunkBytes,
                counts.Reserved * chunkBytes, (counts.Free - missing) * chunkBytes,
                _reclaimer.OutstandingBytes(), _core.Metadata.Volumes.Count - snapshots, snapshots, [.. _core.Nodes.All.Select(StatusOf)],
                _core.Metadata.Settings)
            {
                HostMissingBytes = (missing + counts.OutOfReach) * chunkBytes,
                PromisedBytes = _space.PromisedBytes(),
                ExclusiveBytes = exclusive * chunkBytes,
                SharedBytes = shared * chunkBytes,
                RetiredExtents = counts.Retired,
                NeedsCheck = _core.Health.HasFailed,
            };
        }
    }

    /// <summary>All volumes and snapshots, by name. Exclusive bytes cost in proportion to what the snapshots hold.</summary>
    public IReadOnlyList<VolumeInfo> Volumes(bool withExclusive = true)
    {
        lock (_core.MetadataLock)
        {
            return
            [
                .. _core.Metadata.Volumes.OrderBy(volume => volume.Record.Name, StringComparer.Ordinal)
                    .Select(volume => InfoOf(volume, withExclusive)),
            ];
        }
    }

    /// <summary>By name; null when there is none. Exclusive bytes are left 0.</summary>
    public VolumeInfo? Find(string name)
    {
        lock (_core.MetadataLock)
        {
            return _core.Metadata.Find(name) is { } volume ? InfoOf(volume, false) : null;
        }
    }

    /// <summary>By id; null when it is deleted. Exclusive bytes are left 0 unless asked for.</summary>
    public VolumeInfo? Find(ulong id, bool withExclusive = false)
    {
        lock (_core.MetadataLock)
        {
            return _core.Metadata.Find(id) is { } volume ? InfoOf(volume, withExclusive) : null;
        }
    }

    /// <summary>Makes an empty volume; size 0 to 64 PiB, a multiple of 512.</summary>
    public VolumeInfo CreateVolume(string name, long sizeBytes, int permissionBits = VolumeAdmin.DefaultPermissionBits) =>
        CreateVolume(name, sizeBytes, ReservePolicy.None, permissionBits);

    /// <summary>Makes an empty volume, and keeps space ready for it from the start.</summary>
    /// <exception cref="PoolException">NoSpace: it is not there, and nothing was made.</exception>
    public VolumeInfo CreateVolume(string name, long sizeBytes, ReservePolicy reserve, int permissionBits = VolumeAdmin.DefaultPermissionBits) =>
        Describe(Admin.Create(name, sizeBytes, permissionBits, reserve));

    /// <summary>
    /// Makes a volume that reads through to a file or block device, which is only read, until it is written: copy on write. The origin must not change
    /// while volumes depend on it; when its size or time of change is another at the next opening, reads of it fail.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="originPath">Absolute path of the origin.</param>
    /// <param name="sizeBytes">A multiple of 512; null for the origin's size, rounded up. What lies beyond the origin is zero.</param>
    /// <param name="reserve">What is kept ready for it; null for nothing.</param>
    /// <exception cref="PoolException">NotFound or Usage: the origin cannot be read; NoSpace: what was to be kept ready is not there.</exception>
    public VolumeInfo CreateVolumeOn(string name, string originPath, long? sizeBytes = null, ReservePolicy? reserve = null) =>
        Describe(Origins.Create(name, originPath, sizeBytes, VolumeAdmin.DefaultPermissionBits, reserve ?? ReservePolicy.None));

    /// <summary>
    /// Finds a volume's external origin again, at the same path or another, and for all that share it; durable when it returns.
    /// </summary>
    /// <param name="volume">Name of a volume or snapshot that reads through to it.</param>
    /// <param name="originPath">Absolute path.</param>
    /// <param name="force">Takes it although size or time of change are not what they were: the caller knows that the content is.</param>
    /// <exception cref="PoolException">NotFound; Usage: no origin, or another one.</exception>
    public void PointOrigin(string volume, string originPath, bool force)
    {
        using VolumeHandle handle = OpenByName(volume);
        Origins.Point(handle.Volume, originPath, force);
    }

    /// <summary>
    /// Has the rest of a volume's external origin copied into the pool in the background, for all volumes and snapshots that share it; then it is let go
    /// of and may be removed. Goes on after the next opening. Where it is under way, only its settings are changed.
    /// </summary>
    /// <param name="volume">Name of a volume or snapshot that reads through to it.</param>
    /// <param name="change">Makes the settings: from the present ones, or from those that the last run had.</param>
    /// <exception cref="PoolException">NotFound; Usage: no external origin; Busy: the volume has another job.</exception>
    public JobInfo Hydrate(string volume, Func<JobSettings, JobSettings> change)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Start(handle.Volume, change);
    }

    /// <summary>Changes how a volume's origin is being copied.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is not.</exception>
    public JobInfo ChangeHydration(string volume, Func<JobSettings, JobSettings> change)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Change(handle.Volume, change);
    }

    /// <summary>Ends the copying of a volume's origin; what is copied stays, the rest is read from the origin as before.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is not being copied.</exception>
    public JobInfo StopHydration(string volume)
    {
        using VolumeHandle handle = OpenByName(volume);
        return Hydration.Stop(handle.Volume);
    }

    /// <summary>Raises an event for every external origin that was not found when the pool was opened.</summary>
    public void TellMissingOrigins() => Origins.TellTroubles();

    /// <summary>Makes a snapshot named like vm1@monday, O(1).</summary>
    public VolumeInfo CreateSnapshot(string volume, string snapshot) => CreateSnapshots([(volume, snapshot)])[0];

    /// <summary>
    /// Makes snapshots of several volumes at one instant: what was acknowledged before is in all of them, what begins after is in none. All are made, or
    /// none; at most 10,000 at a time.
    /// </summary>
    /// <param name="pairs">What to take a snapshot of, volumes or snapshots, and the new names.</param>
    /// <param name="writable">Whether the snapshots can be written to.</param>
    public IReadOnlyList<VolumeInfo> CreateSnapshots(IReadOnlyList<(string Volume, string Snapshot)> pairs, bool writable = false) =>
        [.. _snapshots.Create(pairs, writable).Select(Describe)];

    /// <summary>
    /// Puts the volume that a snapshot was taken of back to it, O(1), with its size; what the volume was is kept as a snapshot unless told otherwise. Durable
    /// when it returns; a crash leaves either state.
    /// </summary>
    /// <exception cref="PoolException">Busy: the volume is open, and force was not asked for. NotFound, Exists, Usage.</exception>
    public RollbackOutcome RollBack(string snapshot, RollbackOptions options)
    {
        (Volume volume, Volume? kept) = _rollbacks.RollBack(snapshot, options);
        return new RollbackOutcome(Describe(volume), kept is null ? null : Describe(kept));
    }

    /// <summary>The volume that <see cref="RollBack"/> to a snapshot would change.</summary>
    /// <exception cref="PoolException">NotFound: the snapshot, or the volume, is gone. Usage: it is no snapshot.</exception>
    public VolumeInfo RollbackTarget(string snapshot)
    {
        lock (_core.MetadataLock)
        {
            return InfoOf(_rollbacks.TargetOf(Admin.Find(snapshot)), false);
        }
    }

    /// <summary>
    /// Starts a job that makes a volume share nothing any more, neither with its origin nor with its own snapshots. A snapshot taken meanwhile has it begin
    /// again. It goes on after the pool was closed or its process died, and passes over what is copied, until somebody cancels it. Durable when it returns.
    /// </summary>
    /// <exception cref="PoolException">NoSpace: it would not fit, and nothing has been copied. Busy: the volume has a job. NotFound, Usage.</exception>
    public JobInfo Flatten(string volume, JobSettings settings) => _flattener.Start(volume, settings);

    /// <summary>Keeps a snapshot from being deleted until <see cref="Release"/> is called with the same name; to hold it again by that name changes nothing.</summary>
    public VolumeInfo Hold(string snapshot, string by) => Describe(_holds.Hold(snapshot, by));

    /// <summary>Ends a hold; NotFound when there is none of that name.</summary>
    public VolumeInfo Release(string snapshot, string by) => Describe(_holds.Release(snapshot, by));

    /// <summary>Makes a writable volume that begins as another volume or snapshot, O(1).</summary>
    public VolumeInfo Clone(string source, string target) => Clone(source, [target])[0];

    /// <summary>
    /// Makes writable volumes that all begin as another volume or snapshot is at one instant, O(1) each and with one commit: all of them or, when a name is
    /// taken or a crash comes first, none. At most 10,000 at a time.
    /// </summary>
    public IReadOnlyList<VolumeInfo> Clone(string source, IReadOnlyList<string> targets) =>
        [.. _snapshots.Clone(source, targets).Select(Describe)];

    /// <summary>Gives an empty, writable volume the content of another, O(1); false, and nothing done, when it does not apply.</summary>
    public bool TryCloneInto(VolumeHandle source, VolumeHandle target) => _snapshots.TryCloneInto(source.Volume, target.Volume);

    /// <summary>Removes a name; its space comes back in the background once no handle is open. Busy when it is a snapshot that somebody holds.</summary>
    public void Delete(string name) => Admin.Delete(name);

    /// <summary>Renames; never onto an existing name.</summary>
    public void Rename(string from, string to) => Admin.Rename(from, to);

    /// <summary>Changes a volume's size; see <see cref="VolumeHandle.Resize"/>.</summary>
    public void Resize(string name, long sizeBytes)
    {
        VolumeInfo info = Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool");
        using VolumeHandle handle = Open(info.Id);
        handle.Resize(sizeBytes);
    }

    /// <summary>Opens a volume or snapshot by id, also one that is deleted and open.</summary>
    public VolumeHandle Open(ulong volumeId) => new(this, Admin.Open(volumeId));

    /// <summary>
    /// The ranges in which a file differs from an earlier one, ascending, one by one as they are found; at the cost of what was changed, not of the size. To
    /// the block: blocks in the same place are equal, and any that was written again counts as changed, even with the same bytes.
    /// </summary>
    /// <param name="from">The earlier file; null for all data that the later one has. Open until the last range is taken.</param>
    /// <param name="to">The later file, whose ranges they are: behind its end nothing is told. Open until the last range is taken.</param>
    /// <param name="evenUnrelated">Whether the two may have nothing in common: then all data of either makes a difference.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Everything written before the call is in them; of what is written meanwhile, something may be.</returns>
    /// <exception cref="PoolException">
    /// Usage: the two have nothing in common. While ranges are taken, Busy: a volume was rolled back or replaced meanwhile.
    /// </exception>
    public IEnumerable<ChangedRange> Compare(
        VolumeHandle? from, VolumeHandle to, bool evenUnrelated = false, CancellationToken cancel = default)
    {
        Comparison comparison = new(_core, from?.Volume, to.Volume);
        return from is null || evenUnrelated || comparison.IsRelated
            ? comparison.Run(cancel)
            : throw new PoolException(
                PoolErrorKind.Usage,
                $"{from.Volume.Record.Name} and {to.Volume.Record.Name} have nothing in common; only files that come from one another can be compared");
    }

    /// <summary>What a snapshot holds, under an id that is the same in every pool; given, and durable, with the first call.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is a volume, which can still change.</exception>
    public SnapshotContent ContentOf(string snapshot) => _contents.Of(snapshot);

    /// <summary>
    /// Begins to receive a snapshot into a volume of its own, or goes on with one that broke off; durable. The caller then writes into the volume named in
    /// the answer.
    /// </summary>
    /// <exception cref="PoolException">
    /// Usage, Exists (the target, when the stream carries everything; a part of another snapshot), NotFound (the base), Failed (the target was changed since
    /// the base), Busy (it is open).
    /// </exception>
    public ReceiveInfo BeginReceive(ReceiveRequest request) => _receives.Begin(request);

    /// <summary>What is being received for a volume of this name; null when nothing is.</summary>
    public ReceiveInfo? FindReceive(string target) => _receives.Find(target);

    /// <summary>Makes what was received so far survive power loss, and remembers how far that goes: all before this offset.</summary>
    /// <exception cref="PoolException">NotFound, Usage.</exception>
    public void KeepReceived(string target, long keptBytes) => _receives.Keep(target, keptBytes);

    /// <summary>
    /// Ends receiving: the target has the content from now on, and a snapshot of it, both or none; durable when it returns.
    /// </summary>
    /// <param name="target">The volume that it will be.</param>
    /// <param name="contentId">The content that the caller received.</param>
    /// <param name="force">As in the request.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="PoolException">As of <see cref="BeginReceive"/>: nothing has changed then.</exception>
    public VolumeInfo FinishReceive(string target, Guid contentId, bool force = false) => Describe(_receives.Finish(target, contentId, force));

    /// <summary>Lets go of the deleted volumes that were brought back by <see cref="PoolOpenOptions.TakesOver"/> and that have not been opened since.</summary>
    public void ForgetUnopenedNameless() => Admin.ForgetUnopenedNameless();

    /// <summary>Grows the last file node so that the pool has so many bytes of extents, or takes the new length of a block device.</summary>
    /// <exception cref="PoolException">Usage (smaller than now), NoSpace (the host has no room; nothing changed).</exception>
    public void Grow(long newTotalBytes) => _growth.Grow(newTotalBytes);

    /// <summary>Adds a node: a new file of <paramref name="sizeBytes"/>, or an existing blank file or block device.</summary>
    public void AddNode(string path, long? sizeBytes = null) => _growth.AddNode(path, sizeBytes);

    /// <summary>How the pool behaves.</summary>
    public PoolSettings Settings => _core.Metadata.Settings;

    /// <summary>Changes how the pool behaves; durable when it returns. Writes that wait already keep the time they were given.</summary>
    /// <param name="change">Makes the new settings out of the present ones; nothing else changes them meanwhile.</param>
    /// <exception cref="PoolException">Usage: a value is out of range. NoSpace: more is promised already than a strict pool may.</exception>
    public void Configure(Func<PoolSettings, PoolSettings> change)
    {
        bool isOtherDiscard;
        lock (_core.MetadataLock)
        {
            PoolSettings settings = change(_core.Metadata.Settings);
            settings.Validate();
            Span<byte> buffer = stackalloc byte[128];
            EntryWriter entry = new(buffer);
            entry.SettingsPut(settings);
            if (settings.IsStrict && !_core.Metadata.Settings.IsStrict)
            {
                _core.Strict.MustFit();
            }

            isOtherDiscard = settings.Discard != _core.Metadata.Settings.Discard;
            _core.Change(entry.Written);
        }

        if (isOtherDiscard)
        {
            _core.Passdown.Apply();
            _core.PassdownWanted();
        }

        _core.Commit();
    }

    /// <summary>Refuses all writes that wait for space, and has none wait from now on: the first step of closing a pool in use.</summary>
    public void StopWaitingForSpace() => _core.SpaceQueue.Close();

    /// <summary>Makes everything acknowledged so far survive power loss. Once it failed it fails for good.</summary>
    public void Commit() => _core.Commit();

    /// <summary>Moves the starting point of recovery forward, so that the next opening has less to replay.</summary>
    public void Checkpoint() => _checkpointer.Run();

    /// <summary>Gives back everything that deleted names held, on this thread.</summary>
    public void ReclaimNow() => Reclaim(CancellationToken.None);

    /// <summary>Gives the host back what is free, on this thread, where the pool's policy is that.</summary>
    internal void PassDownNow() => _core.Passdown.Run(CancellationToken.None);

    /// <summary>Does on this thread what is done in the background every few seconds: commits, and extends the pool where it extends itself.</summary>
    internal void MaintainNow() => Maintain(CancellationToken.None);

    /// <summary>Proves the rules on the open pool; changes wait meanwhile.</summary>
    public CheckReport Check()
    {
        lock (_core.Passdown.Pause)
        {
            return new PoolChecker(_core).Run();
        }
    }

    /// <summary>
    /// Writes all metadata as lines of text that can be compared, read, and restored from: the same content gives the same bytes. All changes wait
    /// meanwhile, so the target must wait for nobody: a file, not a connection.
    /// </summary>
    public void Dump(TextWriter target) => new PoolDumper(_core, target).Run();

    /// <summary>
    /// The reverse of the mapping: who owns an extent, and which places of which volumes and snapshots read it. Looks at every exception until it is found;
    /// changes wait meanwhile.
    /// </summary>
    /// <exception cref="PoolException">Usage: there is no such place.</exception>
    public ExtentUse WhereIs(ExtentPlace place) => new ReverseMap(_core).Find(place);

    /// <summary>Goes on with the background copies that were under way when the pool was closed.</summary>
    internal void GoOnWithJobs()
    {
        _flattener.GoOn();
        Hydration.GoOn();
    }

    internal CheckReport Check(TableLogReader? log, IProgress<double>? progress) => new PoolChecker(_core, progress).Run(log);

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

    private VolumeHandle OpenByName(string name) =>
        Open((Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool")).Id);

    internal VolumeInfo Describe(Volume volume)
    {
        lock (_core.MetadataLock)
        {
            return InfoOf(volume, false);
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

    private void Reclaim(CancellationToken stop)
    {
        lock (_reclaimOnce)
        {
            _reclaimer.Run(stop);
        }
    }

    private void Maintain(CancellationToken stop)
    {
        if (_core.Health.HasFailed)
        {
            return;
        }

        _core.Nodes.LookAtFiles(_core.Storage);
        _core.Journal.Replenish();
        if (_core.Journal.BytesSinceRelease > _options.CheckpointEveryBytes || !_core.Extents.MetadataHasRoom())
        {
            _checkpointer.Run();
        }
        else
        {
            // Costs nothing when nothing was written since the last.
            _core.Commit();
        }

        _core.Host.Retry();
        _core.LowWater.Check();
        _core.AutoExtend.Maintain();
        if (_core.IsSpaceWanted)
        {
            // Freed extents may wait for operations that still read them; who waits for space is served when those have ended.
            _core.TryReturnSpace(1);
        }
    }

    private Action<Exception> Report(string kind) => e =>
    {
        _options.Logger.LogError(e, "{Kind}: {Message}", kind, e.Message);
        _core.Health.Raise(kind, e.Message);
    };

    private VolumeInfo InfoOf(Volume volume, bool withExclusive)
    {
        VolumeRecord record = volume.Record;
        long allocatedBytes = _space.AllocatedBytes(volume);
        long exclusiveBytes = withExclusive ? _space.ExclusiveBytes(volume) : 0;
        return new VolumeInfo(
            record.Id, record.Name, record.Kind, record.OriginId, record.OriginId == 0 ? null : _core.Metadata.Find(record.OriginId)?.Record.Name,
            record.SizeBytes, allocatedBytes, exclusiveBytes,
            volume.Reservation is { } kept ? (kept.NeededCount + kept.EmergencyCount) << Geometry.ChunkShift : 0,
            new DateTimeOffset(record.CreatedAtTicks, TimeSpan.Zero), new DateTimeOffset(volume.ModifiedAtTicks, TimeSpan.Zero), record.PermissionBits)
        {
            SharedBytes = withExclusive ? Math.Max(0, allocatedBytes - exclusiveBytes) : 0,
            Reserve = volume.Promise.Policy,
            ProvisionedBytes = volume.Promise.Provisioned.Count << Geometry.ChunkShift,
            Generation = volume.Generation,
            Holds = [.. volume.Holds.Select(hold => new SnapshotHold(hold.Key, new DateTimeOffset(hold.Value, TimeSpan.Zero)))],
            ExternalOrigin = Hydration.StatusOf(volume),
        };
    }

    private NodeStatus StatusOf(Node node) => new(
        node.Id, node.IsBlockDevice ? "block" : "file", node.Path, Node.DataStartBytes, node.Record.ExtentCount << Geometry.ChunkShift,
        _core.Extents.AllocatedCount(node.Record.Index) << Geometry.ChunkShift, node.HasFailed ? "failed" : "online");
}
