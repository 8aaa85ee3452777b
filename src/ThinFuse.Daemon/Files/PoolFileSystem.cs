using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Events.Files;
using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Daemon.Files.Steps;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>A pool as a file system: volumes and snapshots are files, .thinfuse is the status tree. Thread-safe.</summary>
/// <remarks>
/// READ and WRITE allocate nothing and go through map, move and publish; everything else may block its thread and allocate.
/// What names and sizes are is always asked of the pool, never remembered here.
/// </remarks>
internal sealed partial class PoolFileSystem : FuseFileSystem, IDisposable
{
    private readonly ThinPool _pool;
    private readonly NodeAttributes _attributes;
    private readonly StatusTree _tree;
    private readonly RootDirectory _root;
    private readonly RangeCopier _copier;
    private readonly RequestOutcome _outcome;
    private readonly HandleTable _handles;
    private readonly DirectoryLists _directoryLists = new();
    private readonly ChangeLedger _changes;
    private readonly OpenVolumes _openVolumes;
    private readonly EventFiles _eventFiles;
    private readonly EventPolls _eventPolls;
    private readonly StepPool<ReadStep> _reads;
    private readonly StepPool<WriteStep> _writes;
    private readonly KeptHandles _kept;
    private readonly ILogger _logger;

    /// <summary>Makes the view of an open pool.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="owner">Who owns the files.</param>
    /// <param name="counters">Count requests.</param>
    /// <param name="events">What .thinfuse/events shows.</param>
    /// <param name="memory">Where a successor finds what the kernel holds, and this object what the kernel holds from a process before this one.</param>
    /// <param name="logger">Told of failures.</param>
    public PoolFileSystem(
        ThinPool pool, FileOwner owner, RequestCounters counters, EventStream events, RestartMemory memory, ILogger logger)
    {
        _pool = pool;
        _kept = new KeptHandles(memory);
        _handles = new HandleTable(_kept);
        _changes = new ChangeLedger(memory);
        _logger = logger;
        _attributes = new NodeAttributes(owner);
        _tree = new StatusTree(pool, new MetricsText(pool, counters));
        _root = new RootDirectory(pool);
        _copier = new RangeCopier(pool);
        _outcome = new RequestOutcome(counters, logger);
        _openVolumes = new OpenVolumes(pool);
        _eventFiles = new EventFiles(events);
        _eventPolls = new EventPolls(memory);
        _reads = new StepPool<ReadStep>(steps => new ReadStep(steps, _outcome));
        _writes = new StepPool<WriteStep>(steps => new WriteStep(steps, _outcome));
    }

    /// <summary>How many files are open on volumes and snapshots.</summary>
    public int OpenFiles => _openVolumes.OpenFiles;

    /// <summary>The open .thinfuse/events.</summary>
    public EventFiles EventFiles => _eventFiles;

    /// <inheritdoc/>
    public override void OnStarted(FuseSession session) => _eventPolls.Begin(session.Notifier);

    /// <inheritdoc/>
    public override void Settle() => _pool.Settle();

    /// <summary>Waits until no file is open on a volume or snapshot; false when some still are when the time is up.</summary>
    public bool WaitUntilClosed(TimeSpan timeout) => _openVolumes.WaitUntilClosed(timeout);

    /// <summary>Waits until no READ or WRITE is under way; call when no more can arrive.</summary>
    /// <returns>False when some still were when the time was up.</returns>
    public bool WaitUntilIdle(TimeSpan timeout) => _reads.WaitUntilIdle(timeout) && _writes.WaitUntilIdle(timeout);

    /// <summary>Lets go of the volumes and of readers of events. Call when idle and when no more requests can arrive.</summary>
    public void Dispose()
    {
        _eventFiles.Dispose();
        _openVolumes.Dispose();
    }

    /// <summary>Runs a handler off the data path; what it throws becomes the answer.</summary>
    private void Answer(FuseRequest request, Action handler)
    {
        _outcome.Counters.Began(request.Opcode);
        try
        {
            handler();
        }
        catch (Exception exception)
        {
            _outcome.Fail(request, exception);
        }
    }

    /// <summary>What stat shows of a node; null when it is gone.</summary>
    private FuseAttributes? Describe(ulong nodeId)
    {
        if (nodeId == NodeIds.Root)
        {
            return _attributes.OfRoot();
        }

        if (TreeNode.TryParse(nodeId, out TreeNode node))
        {
            return _tree.Exists(node) ? _attributes.OfTree(node) : null;
        }

        VolumeInfo? volume = FindVolume(nodeId, out bool hasName);
        return volume is null ? null : _attributes.OfVolume(volume, hasName);
    }

    /// <summary>
    /// The volume that a node stands for, also one that lives on without a name because it is open; null when it is gone.
    /// </summary>
    private VolumeInfo? FindVolume(ulong nodeId, out bool hasName)
    {
        hasName = false;
        if (!NodeIds.TryGetVolume(nodeId, out ulong volumeId))
        {
            return null;
        }

        VolumeInfo? volume = _pool.Find(volumeId);
        hasName = volume is not null;
        return volume ?? _openVolumes.Find(volumeId);
    }
}
