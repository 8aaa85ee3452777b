namespace ThinFuse.Fuse.Transport.Shares;

/// <summary>How many threads the moves of each file may hold at a time, so that one slow disk cannot take the threads that others need. Thread-safe.</summary>
/// <param name="limit">Threads that one file may hold.</param>
internal sealed class MoveShares(int limit)
{
    private readonly Lock _lock = new();

    /// <summary>Replaced as a whole, so that it is read without the lock. A pool has few files, and a number that comes again means a share that is idle.</summary>
    private MoveShare[] _shares = [];

    /// <summary>The share of an open file.</summary>
    public MoveShare Of(int fileDescriptor) => Find(Volatile.Read(ref _shares), fileDescriptor) ?? Add(fileDescriptor);

    private static MoveShare? Find(MoveShare[] shares, int fileDescriptor)
    {
        foreach (MoveShare share in shares)
        {
            if (share.FileDescriptor == fileDescriptor)
            {
                return share;
            }
        }

        return null;
    }

    private MoveShare Add(int fileDescriptor)
    {
        lock (_lock)
        {
            MoveShare? share = Find(_shares, fileDescriptor);
            if (share == null)
            {
                share = new MoveShare(fileDescriptor, limit);
                Volatile.Write(ref _shares, [.. _shares, share]);
            }

            return share;
        }
    }
}
