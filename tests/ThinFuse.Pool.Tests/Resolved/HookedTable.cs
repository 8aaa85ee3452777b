using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>A table in a dictionary that counts look-ups, and lets a test act in the middle of a walk.</summary>
internal sealed class HookedTable : IExceptionTable
{
    private readonly Dictionary<(uint Layer, long Chunk), ChunkException> _exceptions = [];
    private uint _hookLayer;
    private Action? _hook;

    public event Action<StorageException>? Faulted
    {
        add { }
        remove { }
    }

    public bool HasHeadroom => true;

    /// <summary>Look-ups so far, of chunks and of groups.</summary>
    public int Lookups { get; private set; }

    /// <summary>Has something happen once, before the next look into a layer.</summary>
    public void ActBefore(uint layer, Action act) => (_hookLayer, _hook) = (layer, act);

    public ChunkException Get(uint layer, long chunk)
    {
        Look(layer);
        return _exceptions.GetValueOrDefault((layer, chunk));
    }

    public void Put(uint layer, long chunk, in ChunkException exception) => _exceptions[(layer, chunk)] = exception;

    public void PutRange(uint layer, long firstChunk, ReadOnlySpan<ChunkException> exceptions)
    {
        for (int i = 0; i < exceptions.Length; i++)
        {
            Put(layer, firstChunk + i, exceptions[i]);
        }
    }

    public bool GetGroup(uint layer, long group, Span<ChunkException> exceptions)
    {
        Look(layer);
        bool any = false;
        for (int i = 0; i < exceptions.Length; i++)
        {
            exceptions[i] = _exceptions.GetValueOrDefault((layer, (group * IExceptionTable.GroupChunks) + i));
            any |= !exceptions[i].IsEmpty;
        }

        return any;
    }

    public Guid Checkpoint() => throw new NotSupportedException();

    public void PurgeOtherCheckpoints(Guid keep) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private void Look(uint layer)
    {
        Lookups++;
        if (_hook is { } act && _hookLayer == layer)
        {
            _hook = null;
            act();
        }
    }
}
