using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool;

/// <summary>An open pool's parts, and the rules that hold between them.</summary>
/// <remarks>
/// Locks are taken in this order: a volume's gate, <see cref="MetadataLock"/>, a pending shard's lock, the locks inside journal, table and
/// allocator. Nobody waits for a gate or a claim while holding the metadata lock or a shard's lock.
/// </remarks>
internal sealed class PoolCore : IDisposable
{
    private readonly Action _flushNodes;
    private int _disposed;

    public PoolCore(
        IStorage storage, Superblock superblock, Geometry geometry, NodeSet nodes, IExceptionTable table, Journal journal, MetadataState metadata,
        ExtentAllocator extents, ReclaimEpoch epoch, PoolHealth health, long resolvedMapBytes)
    {
        Storage = storage;
        Id = superblock.PoolId;
        NodeOwner = superblock.NodeOwner;
        Geometry = geometry;
        Nodes = nodes;
        nodes.Faults.Tell = health.Raise;
        nodes.Faults.Suspend = node => extents.Suspend(node.Record.Index);
        _flushNodes = nodes.Flush;
        Table = table;
        Journal = journal;
        Metadata = metadata;
        Nameless = new NamelessVolumes(storage);
        Extents = extents;
        Epoch = epoch;
        Health = health;
        health.Record = reason => NeedsCheck.Set(storage, reason);
        Moves = new RestructureLock(resolvedMapBytes / ResolvedSlot.Bytes);
        Resolved = new ResolvedMap(resolvedMapBytes, Moves);
        Origins = new OriginSet(geometry);
        Chains = new ChainReader(table, Moves, Resolved, Origins, geometry.AllBlocks);
        Publisher = new ExceptionPublisher(table, journal, metadata, extents, health, Resolved);
        Pending = new PendingSet(table, extents, Publisher);
        Remaps = new Remapper(this);
        Host = new HostRoom(this);
        Passdown = new Passdown(this);
        Strict = new StrictPromise(this);
        SpaceQueue = new SpaceQueue(() => extents.MetadataHasRoom() && !Host.IsFull ? extents.FreeCount : 0);
        Pending.SpaceReturned = SpaceQueue.Serve;
        LowWater = new LowWater(this);
        Growth = new PoolGrowth(this);
        AutoExtend = new AutoExtend(this);
        extents.AlarmRaised = LowWater.NoteReached;
        extents.CommitWanted = () =>
        {
            if (IsSpaceWanted)
            {
                CheckpointWanted();
            }
        };
        Reservations = new Reservations(this);
        Promises = new PromiseAdmin(this);
        table.Faulted += health.Lose;
        extents.MetadataHasRoom = () => table.HasHeadroom && journal.HasHeadroom;
    }

    public IStorage Storage { get; }

    public Guid Id { get; }

    /// <summary>What the nodes' labels say whose they are.</summary>
    public Guid NodeOwner { get; }

    public Geometry Geometry { get; }

    public NodeSet Nodes { get; }

    public IExceptionTable Table { get; }

    public Journal Journal { get; }

    /// <summary>Volumes, layers and nodes; <see cref="MetadataLock"/> guards it.</summary>
    public MetadataState Metadata { get; }

    /// <summary>What a successor of this process needs of deleted volumes that are open.</summary>
    public NamelessVolumes Nameless { get; }

    public Lock MetadataLock { get; } = new();

    public ExtentAllocator Extents { get; }

    public ReclaimEpoch Epoch { get; }

    public PoolHealth Health { get; }

    public RestructureLock Moves { get; }

    public ResolvedMap Resolved { get; }

    /// <summary>The external origins that bottom layers read through to.</summary>
    public OriginSet Origins { get; }

    public ChainReader Chains { get; }

    public ExceptionPublisher Publisher { get; }

    public PendingSet Pending { get; }

    /// <summary>Writes that wait for space.</summary>
    public SpaceQueue SpaceQueue { get; }

    /// <summary>Whether a write or a background copy waits for space.</summary>
    public bool IsSpaceWanted => !SpaceQueue.IsEmpty || !SpaceQueue.Spare.IsIdle;

    /// <summary>What the host can hold of the pool.</summary>
    public HostRoom Host { get; }

    /// <summary>Keeps a strict pool from promising more than it has.</summary>
    public StrictPromise Strict { get; }

    /// <summary>Gives the host back what is free.</summary>
    public Passdown Passdown { get; }

    /// <summary>Free extents that the host can hold, as far as it was looked at.</summary>
    public long UsableCount => Math.Max(0, Extents.FreeCount + Extents.PunchedCount - Host.MissingCount);

    /// <summary>Tells when free space falls to the pool's mark.</summary>
    public LowWater LowWater { get; }

    /// <summary>Adds extents.</summary>
    public PoolGrowth Growth { get; }

    /// <summary>Grows the pool where its settings say so.</summary>
    public AutoExtend AutoExtend { get; }

    /// <summary>Keeps what was promised to volumes; every change of a volume's head or size goes through it.</summary>
    public Reservations Reservations { get; }

    /// <summary>Makes promises, and takes them back.</summary>
    public PromiseAdmin Promises { get; }

    /// <summary>Gets chunks off extents that are bad.</summary>
    public Remapper Remaps { get; }

    /// <summary>Raised when a layer may have become reclaimable.</summary>
    public Action ReclaimWanted { get; set; } = static () => { };

    /// <summary>Raised when extents became free whose space the host is to get back.</summary>
    public Action PassdownWanted { get; set; } = static () => { };

    /// <summary>Raised when the journal or the table could use a checkpoint.</summary>
    public Action CheckpointWanted { get; set; } = static () => { };

    /// <summary>
    /// Makes everything acknowledged so far survive power loss: data first, then the journal. Freed extents become free.
    /// A failure is for good.
    /// </summary>
    public void Commit()
    {
        Health.ThrowIfFailed();
        try
        {
            Journal.Commit(_flushNodes);
        }
        catch (Exception e)
        {
            Health.Fail(e);
            throw;
        }

        ReleaseFreed();
    }

    /// <summary>
    /// Called when no extent was to be had, holding nothing: commits, waits for operations that still read freed extents, extends the pool where it
    /// extends itself, and says whether a second try is worth it. Otherwise the pool is out of space.
    /// </summary>
    /// <param name="neededCount">Extents that may be needed, 1 or more.</param>
    public bool TryReturnSpace(int neededCount)
    {
        if (Extents.WaitingCount != 0)
        {
            ReturnSpace();
        }

        if (Extents.FreeCount < neededCount && Extents.PunchedCount != 0)
        {
            // So little is free that it is better used than given back.
            Passdown.GiveWay();
        }

        return (Extents.FreeCount < neededCount && AutoExtend.TryExtend(neededCount)) || Extents.FreeCount != 0;
    }

    /// <summary>Commits, and waits until what was freed before the call is unallocated; the caller holds nothing.</summary>
    public void ReturnSpace()
    {
        Commit();
        Epoch.WaitForGrace();
        ReleaseFreed();
    }

    /// <summary>Says that a write which may need so many extents was refused, holding nothing.</summary>
    public void NoteOutOfSpace(int neededCount)
    {
        bool isMetadata = !Extents.MetadataHasRoom();
        long freeCount = UsableCount;
        if (!isMetadata && freeCount >= neededCount)
        {
            // Space came back between the refusal and now.
            return;
        }

        if (isMetadata)
        {
            CheckpointWanted();
        }

        Health.NoteOutOfSpace(isMetadata
            ? "the host filesystem has no room for the pool's metadata; make room there"
            : $"a write needs up to {neededCount} extents and {freeCount} are free; grow the pool, discard, or delete something", isMetadata ? -1 : freeCount);
    }

    /// <summary>Frees what may be freed, and ends out_of_space when something is free.</summary>
    public void ReleaseFreed()
    {
        if (Extents.Release(Journal.DurableSequence) != 0 && Extents.RemembersFreed)
        {
            PassdownWanted();
        }

        if (Extents.MetadataHasRoom())
        {
            Health.NoteFree(UsableCount);
        }

        LowWater.Check();
        SpaceQueue.Serve();
    }

    /// <summary>
    /// Journals entries and applies them to <see cref="Metadata"/>, all or none, however many; the metadata lock is held. Not durable before
    /// <see cref="Commit"/>.
    /// </summary>
    public void Change(ReadOnlySpan<byte> entries)
    {
        Health.ThrowIfFailed();
        try
        {
            EntryRecords.Append(Journal, entries);
            Metadata.Apply(entries);
        }
        catch (Exception e)
        {
            Health.NoteJournalError(e, Journal.HasFailed);
            throw;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            SpaceQueue.Dispose();
            Table.Dispose();
            Journal.Dispose();
            Nodes.Dispose();
            Origins.Dispose();
            Resolved.Dispose();
        }
    }
}
