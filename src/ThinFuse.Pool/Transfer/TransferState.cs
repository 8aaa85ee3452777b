using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Transfer;

/// <summary>Which snapshots have a content id, and what is being received. The metadata lock guards it.</summary>
internal sealed class TransferState
{
    private readonly Dictionary<ulong, Guid> _contentIds = [];
    private readonly Dictionary<ulong, ReceiveRecord> _receives = [];

    /// <summary>Volumes being received that whoever asked for it has still to open. In memory only: after a restart it asks again.</summary>
    private readonly HashSet<ulong> _awaitingWriter = [];

    public IReadOnlyDictionary<ulong, Guid> ContentIds => _contentIds;

    public IReadOnlyCollection<ReceiveRecord> Receives => _receives.Values;

    /// <summary>What a snapshot's content is called in all pools; null until it was sent or received.</summary>
    public Guid? ContentIdOf(ulong snapshot) => _contentIds.TryGetValue(snapshot, out Guid id) ? id : null;

    /// <summary>What is being received for a volume of this name.</summary>
    public ReceiveRecord? FindReceive(string target) => _receives.Values.FirstOrDefault(receive => receive.Target == target);

    /// <summary>Refuses what would spoil a volume that is being received.</summary>
    /// <exception cref="PoolException">Busy.</exception>
    public void MustNotBeReceived(Volume volume)
    {
        if (_receives.ContainsKey(volume.Id))
        {
            string name = volume.Record.Name;
            throw new PoolException(
                PoolErrorKind.Busy, $"{name} is being received; let 'thinfuse receive' end, or give it up with 'thinfuse volume delete MNT/{name}'");
        }
    }

    /// <summary>Lets one user open a volume that is being received for writing: the one that receives it.</summary>
    public void AwaitWriter(ulong volume) => _awaitingWriter.Add(volume);

    /// <summary>Refuses a writer of a volume that is being received, but for the one that is awaited.</summary>
    /// <exception cref="PoolException">Busy.</exception>
    public void AdmitWriter(Volume volume)
    {
        if (!_awaitingWriter.Remove(volume.Id))
        {
            MustNotBeReceived(volume);
        }
    }

    public void Put((ulong Volume, Guid ContentId) content) => _contentIds[content.Volume] = content.ContentId;

    public void Put((ulong Volume, ReceiveRecord? Receive) receive)
    {
        if (receive.Receive is { } underWay)
        {
            _receives[receive.Volume] = underWay;
        }
        else
        {
            End(receive.Volume);
        }
    }

    /// <summary>Contents may not be what other pools know by their ids: nothing goes by them any more.</summary>
    public void Clear()
    {
        _contentIds.Clear();
        _receives.Clear();
        _awaitingWriter.Clear();
    }

    /// <summary>A volume or snapshot is gone.</summary>
    public void Forget(ulong volume)
    {
        _contentIds.Remove(volume);
        End(volume);
    }

    private void End(ulong receive)
    {
        _receives.Remove(receive);
        _awaitingWriter.Remove(receive);
    }
}
