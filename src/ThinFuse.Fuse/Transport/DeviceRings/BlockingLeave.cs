namespace ThinFuse.Fuse.Transport.DeviceRings;

/// <summary>
/// Which of the threads with rings may block for a while: all but one, whatever the files and the file system do, so that there is always one that looks after
/// the requests. Thread-safe.
/// </summary>
/// <param name="threadCount">How many threads there are.</param>
internal sealed class BlockingLeave(int threadCount)
{
    private int _left = threadCount - 1;

    /// <summary>Whether the caller's thread may block, until <see cref="Return"/>.</summary>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
        {
            return true;
        }

        Return();
        return false;
    }

    /// <summary>The thread is back.</summary>
    public void Return() => Interlocked.Increment(ref _left);
}
