using ThinFuse.Fuse.Transport.Rings;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// Counts large requests of a queue, and has its memory moved into huge pages when there were some: they are faster with such, where a queue that carries small
/// ones would fill every huge page with next to nothing. <see cref="Note"/> is for the queue's thread.
/// </summary>
/// <param name="memory">The queue's data areas.</param>
/// <param name="workers">Do what takes time.</param>
internal sealed class LargeRequests(SharedMemory memory, WorkerThreads workers) : IRingWork
{
    /// <summary>From here on a request gains more by huge pages than a look at its memory costs.</summary>
    private const uint LargeBytes = 128 << 10;

    /// <summary>How many come between two tries.</summary>
    private const int Pause = 32;

    /// <summary>How often it is tried: a page may be in the hands of a disk every time, and then stays small.</summary>
    private const int MostTries = 8;

    private int _count;
    private int _tries;
    private volatile bool _isDone;

    /// <summary>A request or an answer was carried.</summary>
    public void Note(uint lengthBytes)
    {
        if (lengthBytes >= LargeBytes && !_isDone && ++_count % Pause == 0)
        {
            workers.Add(this);
        }
    }

    public void Work()
    {
        if (!_isDone)
        {
            _isDone = memory.TryGatherHugePages() || Interlocked.Increment(ref _tries) == MostTries;
        }
    }
}
