using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Recovery.ReverseMapping;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool;

/// <summary>What is done to a pool as a whole: commits, checkpoints, reclaiming, looking into it.</summary>
public sealed partial class ThinPool
{
    /// <summary>Makes everything acknowledged so far survive power loss. Once it failed it fails for good.</summary>
    public void Commit() => _core.Commit();

    /// <summary>
    /// Has all writes that were published as deferred survive the death of this process, and with them what was read or overwritten of theirs since. Cheap
    /// when there are none; any thread.
    /// </summary>
    /// <exception cref="StorageException">They may be lost at the next opening; the pool takes no changes any more.</exception>
    public void Settle() => _core.Publisher.Settle();

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
}
