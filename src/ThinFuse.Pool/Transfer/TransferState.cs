using ThinFuse.Pool.Transfer.Receiving;

namespace ThinFuse.Pool.Transfer;

/// <summary>Which snapshots have a content id, and what is being received. The metadata lock guards it.</summary>
internal sealed class TransferState
{
    private readonly Dictionary<ulong, Guid> _contentIds = [];
    private readonly Dictionary<ulong, ReceiveRecord> _receives = [];

    public IReadOnlyDictionary<ulong, Guid> ContentIds => _contentIds;

    public IReadOnlyCollection<ReceiveRecord> Receives => _receives.Values;

    /// <summary>What a snapshot's content is called in all pools; null until it was sent or received.</summary>
    public Guid? ContentIdOf(ulong snapshot) => _contentIds.TryGetValue(snapshot, out Guid id) ? id : null;

    /// <summary>What is being received for a volume of this name.</summary>
    public ReceiveRecord? FindReceive(string target) => _receives.Values.FirstOrDefault(receive => receive.Target == target);

    public void Put((ulong Volume, Guid ContentId) content) => _contentIds[content.Volume] = content.ContentId;

    public void Put((ulong Volume, ReceiveRecord? Receive) receive)
    {
        _receives.Remove(receive.Volume);
        if (receive.Receive is { } underWay)
        {
            _receives.Add(receive.Volume, underWay);
        }
    }

    /// <summary>Contents may not be what other pools know by their ids: nothing goes by them any more.</summary>
    public void Clear()
    {
        _contentIds.Clear();
        _receives.Clear();
    }

    /// <summary>A volume or snapshot is gone.</summary>
    public void Forget(ulong volume)
    {
        _contentIds.Remove(volume);
        _receives.Remove(volume);
    }
}
