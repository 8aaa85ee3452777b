using ThinFuse.Pool;

namespace ThinFuse.Daemon.Events;

/// <summary>Leads the pool's events into a stream while this object lives.</summary>
internal sealed class PoolEventFeed : IDisposable
{
    private readonly ThinPool _pool;
    private readonly EventStream _stream;

    /// <summary>Begins.</summary>
    public PoolEventFeed(ThinPool pool, EventStream stream)
    {
        _pool = pool;
        _stream = stream;
        pool.Happened += stream.Append;
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Happened -= _stream.Append;
}
