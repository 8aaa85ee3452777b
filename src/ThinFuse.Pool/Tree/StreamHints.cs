namespace ThinFuse.Pool.Tree;

/// <summary>Remembers where the last few sequential streams of a layer got their extents, so that each goes on next to its last. Thread-safe.</summary>
internal sealed class StreamHints
{
    private const int StreamCount = 8;
    private readonly Lock _lock = new();
    private readonly (long NextChunk, long NextExtent)[] _streams = new (long, long)[StreamCount];
    private int _oldest;

    public StreamHints() => Array.Fill(_streams, (-1, -1));

    /// <summary>The extent to prefer for a chunk; -1 when it continues no stream.</summary>
    public long PreferredFor(long chunk)
    {
        lock (_lock)
        {
            int stream = Find(chunk);
            return stream < 0 ? -1 : _streams[stream].NextExtent;
        }
    }

    public void Allocated(long chunk, long extent)
    {
        lock (_lock)
        {
            int stream = Find(chunk);
            if (stream < 0)
            {
                stream = _oldest;
                _oldest = (_oldest + 1) % StreamCount;
            }

            _streams[stream] = (chunk + 1, extent + 1);
        }
    }

    private int Find(long chunk)
    {
        for (int i = 0; i < StreamCount; i++)
        {
            if (_streams[i].NextChunk == chunk)
            {
                return i;
            }
        }

        return -1;
    }
}
