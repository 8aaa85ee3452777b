using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>Remembers the first failure, and refuses everything after it. Thread-safe.</summary>
internal sealed class StickyFailure(string directory)
{
    private StorageException? _first;

    internal bool HasFailed => Volatile.Read(ref _first) is not null;

    /// <summary>
    /// Remembers a failure, unless there was one before. One that is no storage error counts as an I/O error of the journal.
    /// </summary>
    internal void Remember(Exception failure) => Interlocked.CompareExchange(
        ref _first, failure as StorageException ?? new StorageException(Errno.EIO, "commit journal", directory), null);

    internal void ThrowIfFailed()
    {
        if (Volatile.Read(ref _first) is { } first)
        {
            throw new StorageException(first.ErrorNumber, first.Operation, first.StoragePath);
        }
    }
}
