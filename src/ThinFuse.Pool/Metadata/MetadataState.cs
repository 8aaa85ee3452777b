using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Metadata;

/// <summary>Nodes, layers and volumes as the journal's entries make them. The same code applies a change when it happens and when it is replayed.</summary>
/// <remarks>Not thread-safe: the pool's metadata lock guards it.</remarks>
internal sealed class MetadataState
{
    private readonly Dictionary<ulong, Volume> _volumes = [];
    private readonly Dictionary<string, Volume> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, Volume> _nameless = [];
    private readonly List<NodeRecord> _nodes = [];

    public LayerTree Tree { get; } = new();

    public IReadOnlyList<NodeRecord> Nodes => _nodes;

    public IReadOnlyCollection<Volume> Volumes => _volumes.Values;

    /// <summary>Extents that are out of use for good, because the disk below them is bad.</summary>
    public SortedSet<long> Retired { get; } = [];

    /// <summary>Contents that were sent or received, and what is being received.</summary>
    public TransferState Transfers { get; } = new();

    /// <summary>Deleted volumes that handles are open on.</summary>
    public IReadOnlyCollection<Volume> Nameless => _nameless.Values;

    /// <summary>Replaced as a whole; any thread may read it.</summary>
    public PoolSettings Settings { get; private set; } = new();

    public ulong NextVolumeId { get; set; } = 1;

    public uint NextLayerId { get; set; } = 1;

    public Volume? Find(ulong id) => _volumes.GetValueOrDefault(id);

    /// <summary>A volume whose name is there, or that is deleted and open.</summary>
    public Volume? FindWithNameless(ulong id) => Find(id) ?? _nameless.GetValueOrDefault(id);

    public Volume? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Applies all entries but exceptions, which are handed to <paramref name="exception"/> (replay only).</summary>
    public void Apply(ReadOnlySpan<byte> entries, ApplyException? exception = null)
    {
        EntryReader reader = new(entries);
        while (!reader.IsAtEnd)
        {
            switch (reader.Kind())
            {
                case EntryKind.ExceptionPut when exception is not null:
                    ChunkException put = reader.Exception(out uint owner, out long chunk);
                    exception(owner, chunk, put);
                    break;
                case EntryKind.LayerPut:
                    PutLayer(reader.Layer());
                    break;
                case EntryKind.LayerRemove:
                    RemoveLayer(reader.UInt32());
                    break;
                case EntryKind.VolumePut:
                    PutVolume(reader.Volume());
                    break;
                case EntryKind.VolumeRemove:
                    RemoveVolume((ulong)reader.Int64());
                    break;
                case EntryKind.GenerationPut:
                    (ulong changed, Guid generation) = reader.Generation();
                    MustFind(changed).Generation = generation;
                    break;
                case EntryKind.HoldPut:
                    (ulong held, string name, long sinceTicks) = reader.Hold();
                    MustFind(held).Holds[name] = sinceTicks;
                    break;
                case EntryKind.HoldRemove:
                    (ulong released, string releasedName) = reader.HoldRemoval();
                    MustFind(released).Holds.Remove(releasedName);
                    break;
                case EntryKind.NodePut:
                    PutNode(reader.Node());
                    break;
                case EntryKind.SettingsPut:
                    Settings = reader.Settings();
                    break;
                case EntryKind.ReservePut:
                    PutReserve(reader.Reserve());
                    break;
                case EntryKind.ProvisionSet:
                    Provision(reader.Provision(), isSet: true);
                    break;
                case EntryKind.ProvisionClear:
                    Provision(reader.Provision(), isSet: false);
                    break;
                case EntryKind.FlattenPut:
                    (ulong flattened, JobSettings? flatten) = reader.Flatten();
                    MustFind(flattened).Flatten = flatten;
                    break;
                case EntryKind.OriginPut:
                    var origin = reader.Origin();
                    LayerOf(origin.Layer).Origin = origin.Origin;
                    break;
                case EntryKind.OriginRemove:
                    LayerOf(reader.UInt32()).Origin = null;
                    break;
                case EntryKind.ContentIdPut:
                    Transfers.Put(reader.ContentId());
                    break;
                case EntryKind.ReceivePut:
                    Transfers.Put(reader.Receive());
                    break;
                case EntryKind.RetiredPut:
                    Retire(reader.Int64());
                    break;
                default:
                    throw new InvalidDataException("a metadata record holds an entry of unknown kind");
            }
        }
    }

    /// <summary>Lets go of a deleted volume whose last handle is closed.</summary>
    public void Forget(Volume volume)
    {
        _nameless.Remove(volume.Id);
        volume.LeaveHead();
    }

    /// <summary>Adds a deleted volume.</summary>
    public void AddNameless(Volume volume)
    {
        volume.IsDeleted = true;
        _nameless.Add(volume.Id, volume);
    }

    private Layer LayerOf(uint id) =>
        Tree.Find(id) ?? throw new InvalidDataException($"layer {id} reads through to an external origin, and does not exist");

    private void PutLayer(LayerRecord record)
    {
        if (record.ParentId != 0 && Tree.Find(record.ParentId) is null)
        {
            throw new InvalidDataException($"layer {record.Id} lies on layer {record.ParentId}, which does not exist");
        }

        Tree.Put(record);
        NextLayerId = Math.Max(NextLayerId, record.Id + 1);
    }

    private void RemoveLayer(uint id)
    {
        if (Tree.Find(id) is not null)
        {
            Tree.Remove(id);
        }
    }

    private void PutVolume(VolumeRecord record)
    {
        Layer head = Tree.Find(record.HeadLayer)
            ?? throw new InvalidDataException($"{record.Name} reads through layer {record.HeadLayer}, which does not exist");
        if (_volumes.TryGetValue(record.Id, out Volume? volume))
        {
            _byName.Remove(volume.Record.Name);
            if (volume.Head != head)
            {
                volume.MoveTo(head);
            }

            volume.Record = record;
            volume.ModifiedAtTicks = record.ModifiedAtTicks;
        }
        else
        {
            _volumes.Add(record.Id, volume = new Volume(record, head));
        }

        _byName.Add(record.Name, volume);
        NextVolumeId = Math.Max(NextVolumeId, record.Id + 1);
    }

    private void PutReserve((ulong Volume, ReservePolicy Policy) put)
    {
        Volume volume = MustFind(put.Volume);
        volume.Promise = volume.Promise with { Policy = put.Policy };
    }

    private void Provision((ulong Volume, ChunkRange Chunks) change, bool isSet)
    {
        Volume volume = MustFind(change.Volume);
        (long first, long end) = change.Chunks;
        ChunkRanges provisioned = volume.Promise.Provisioned;
        volume.Promise = volume.Promise with { Provisioned = isSet ? provisioned.With(first, end) : provisioned.Without(first, end) };
    }

    /// <summary>The volume that an entry after its own is about.</summary>
    private Volume MustFind(ulong id) => Find(id) ?? throw new InvalidDataException($"a metadata record is about volume {id}, which does not exist");

    private void RemoveVolume(ulong id)
    {
        if (!_volumes.Remove(id, out Volume? volume))
        {
            return;
        }

        Transfers.Forget(id);
        _byName.Remove(volume.Record.Name);
        AddNameless(volume);
        if (volume.OpenCount == 0)
        {
            Forget(volume);
        }
    }

    private void Retire(long extent)
    {
        int node = ExtentAddress.NodeOf(extent);
        Retired.Add(extent >= 0 && node < _nodes.Count && ExtentAddress.SlotOf(extent) < _nodes[node].ExtentCount
            ? extent
            : throw new InvalidDataException($"extent {extent} is retired, and does not exist"));
    }

    private void PutNode(NodeRecord record)
    {
        if (record.Index == _nodes.Count)
        {
            _nodes.Add(record);
        }
        else if (record.Index < _nodes.Count)
        {
            _nodes[record.Index] = record;
        }
        else
        {
            throw new InvalidDataException($"node n-{record.Index} comes out of order");
        }
    }
}
