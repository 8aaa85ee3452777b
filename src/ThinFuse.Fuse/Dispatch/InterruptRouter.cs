using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>
/// Brings INTERRUPTs to their requests. One may be read by a thread before another thread, which has read the request itself, has made
/// it known; such early ones are kept for a while. An interruption is never lost: it is noted before the requests are searched, and
/// a request is made known before the notes are searched.
/// </summary>
internal sealed class InterruptRouter(FuseRequestPool pool)
{
    private const long KeepMs = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<(ulong Unique, long AtMs)> _early = new();
    private readonly FuseRequestPool _pool = pool;
    private volatile int _earlyCount;

    /// <summary>Delivers an INTERRUPT.</summary>
    public void Interrupt(ulong unique)
    {
        lock (_lock)
        {
            DropOld();
            _early.Enqueue((unique, Environment.TickCount64));
            _earlyCount = _early.Count;
        }

        Interlocked.MemoryBarrier();
        if (_pool.TryInterrupt(unique))
        {
            TryTake(unique);
        }
    }

    /// <summary>Marks a request interrupted if its INTERRUPT came first. To be called once it can be found in the pool, before its handler.</summary>
    public void Arrived(FuseRequest request)
    {
        Interlocked.MemoryBarrier();
        if (_earlyCount != 0 && TryTake(request.Unique))
        {
            request.MarkInterrupted();
        }
    }

    private bool TryTake(ulong unique)
    {
        lock (_lock)
        {
            DropOld();
            bool found = false;
            for (int i = _early.Count; i > 0; i--)
            {
                (ulong Unique, long AtMs) note = _early.Dequeue();
                if (note.Unique == unique)
                {
                    found = true;
                }
                else
                {
                    _early.Enqueue(note);
                }
            }

            _earlyCount = _early.Count;
            return found;
        }
    }

    private void DropOld()
    {
        long now = Environment.TickCount64;
        while (_early.TryPeek(out (ulong Unique, long AtMs) note) && now - note.AtMs > KeepMs)
        {
            _early.Dequeue();
        }
    }
}
