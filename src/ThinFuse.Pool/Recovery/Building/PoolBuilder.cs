using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Building;

/// <summary>
/// Makes metadata for nodes that hold data already. Until <see cref="Finish"/> returns there is no pool, and disposing takes back what was written. For one
/// thread.
/// </summary>
internal sealed class PoolBuilder : IDisposable
{
    private const string ImageOfFirst = "image-1";
    private const int PutsPerLook = 1024;

    private readonly IStorage _storage;
    private readonly Guid _poolId;
    private readonly FasterExceptionTable _table;
    private int _puts;
    private bool _finished;

    /// <summary>Begins, in a place that <see cref="NewPoolPlace"/> has found to be free.</summary>
    public PoolBuilder(IStorage storage, Guid poolId, Geometry geometry)
    {
        _storage = storage;
        _poolId = poolId;
        Geometry = geometry;
        _table = FasterExceptionTable.Create(storage, PoolLayout.TableDirectory, new ExceptionTableOptions());
    }

    public Geometry Geometry { get; }

    /// <summary>Nodes, layers, volumes and all else but exceptions: the caller fills it.</summary>
    public MetadataState State { get; } = new();

    /// <summary>What has been put so far.</summary>
    public IExceptionTable Table => _table;

    /// <summary>Puts an exception.</summary>
    /// <exception cref="PoolException">NoSpace: the host has no room for the table.</exception>
    public void Put(Layer layer, long chunk, in ChunkException exception)
    {
        layer.Groups.Add(chunk / IExceptionTable.GroupChunks);
        Put(layer.Id, chunk, exception);
    }

    /// <summary>Puts an exception of a layer that may not be there yet: its list of groups is the caller's business.</summary>
    /// <exception cref="PoolException">NoSpace: the host has no room for the table.</exception>
    public void Put(uint layer, long chunk, in ChunkException exception)
    {
        _table.Put(layer, chunk, exception);
        if (++_puts % PutsPerLook == 0 && !_table.HasHeadroom)
        {
            // A checkpoint looks for room too.
            _table.PurgeOtherCheckpoints(_table.Checkpoint());
            if (!_table.HasHeadroom)
            {
                throw new PoolException(PoolErrorKind.NoSpace, "the host filesystem has no room for the pool's metadata; make room and try again");
            }
        }
    }

    /// <summary>Completes the pool, takes the nodes from whatever metadata they followed before, and makes all of it durable.</summary>
    /// <param name="force">Whether nodes are taken whose label cannot be read or names another pool.</param>
    /// <exception cref="PoolException">Damaged (a node is missing, too short, or not this pool's).</exception>
    public void Finish(bool force)
    {
        NodeAdopter nodes = new(_storage, _poolId, Geometry, force);
        nodes.Verify(State.Nodes);
        Guid token = _table.Checkpoint();
        _table.PurgeOtherCheckpoints(token);
        const long journalGeneration = 1;
        Journal.Create(_storage, PoolLayout.JournalDirectory, _poolId, journalGeneration, 1, new JournalOptions()).Dispose();
        Superblock superblock = new(
            _poolId, 1, Geometry.ChunkBytes, token, journalGeneration, 1, _storage.BootId, NodeOwner: Guid.NewGuid());
        MetadataImage.Write(_storage, superblock, MetadataImage.Capture(State));

        // From the first label on the old metadata cannot be mounted, and only the last write makes the new. Between them, doing it again helps.
        nodes.Adopt(State.Nodes, superblock.NodeOwner);
        superblock.Write(_storage);
        _finished = true;
    }

    public void Dispose()
    {
        _table.Dispose();
        if (_finished)
        {
            return;
        }

        foreach (string directory in (string[])[PoolLayout.TableDirectory, PoolLayout.JournalDirectory])
        {
            foreach (string name in _storage.List(directory))
            {
                _storage.Delete($"{directory}/{name}");
            }
        }

        _storage.Delete(ImageOfFirst);
    }
}
