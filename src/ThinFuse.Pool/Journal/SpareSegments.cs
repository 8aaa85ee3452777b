using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// Segments that are ready to be started: preallocated, and named durably, so that starting one is a single write into a file
/// that no power cut can take away. Thread-safe; taking one never waits for I/O.
/// </summary>
internal sealed class SpareSegments(IStorage storage, string directory, long generation, JournalOptions options, StickyFailure failure)
    : IDisposable
{
    private readonly Queue<JournalSegment> _ready = new();

    /// <summary>Held while files are made or removed, so never while a record is appended.</summary>
    private readonly Lock _fileLock = new();
    private long _nextOrdinal;
    private int _readyCount;

    /// <summary>Called when there are fewer spares than wanted, by a thread that appends; leads to <see cref="Replenish"/> on another thread.</summary>
    internal Action? Wanted { get; set; }

    /// <summary>Segments that can be started now.</summary>
    internal int Count => Volatile.Read(ref _readyCount);

    internal bool TryTake(out JournalSegment segment)
    {
        lock (_ready)
        {
            bool isThere = _ready.TryDequeue(out segment!);
            Volatile.Write(ref _readyCount, _ready.Count);
            return isThere;
        }
    }

    /// <summary>Makes spares up to the number that is always wanted. False when there are none and the host has no room for one.</summary>
    internal bool Replenish()
    {
        lock (_fileLock)
        {
            failure.ThrowIfFailed();
            while (Count < options.SpareSegments && TryCreate())
            {
            }
            return Count > 0;
        }
    }

    /// <summary>Has the missing spares made: by whoever listens to <see cref="Wanted"/>, or here when there is nobody, or no spare at all.</summary>
    internal void ReplenishSoon()
    {
        if (Count != 0 && Wanted is { } wanted)
        {
            wanted();
            return;
        }

        _ = Replenish();
    }

    /// <summary>Turns files that nobody needs any more into spares, and deletes the rest of them.</summary>
    internal void Recycle(IReadOnlyCollection<string> paths)
    {
        if (paths.Count == 0)
        {
            return;
        }
        lock (_fileLock)
        {
            failure.ThrowIfFailed();
            try
            {
                List<SegmentName> renamed = [];
                foreach (string path in paths)
                {
                    if (Count + renamed.Count < options.MaxSpareSegments && TryPrepare(path))
                    {
                        SegmentName name = new(generation, _nextOrdinal++);
                        storage.Rename(path, PathOf(name));
                        renamed.Add(name);
                    }
                    else
                    {
                        storage.Delete(path);
                    }
                }
                storage.SyncDirectory(directory);
                renamed.ForEach(name => Add(name, storage.Open(PathOf(name), StorageOpenMode.ReadWrite, StorageCaching.Cached)));
            }
            catch (Exception exception)
            {
                failure.Remember(exception);
                throw;
            }
        }
    }

    public void Dispose()
    {
        while (TryTake(out JournalSegment segment))
        {
            segment.Dispose();
        }
    }

    internal StorageException OutOfSpace() => new(Errno.ENOSPC, "grow journal", directory);

    internal string PathOf(SegmentName name) => Path.Combine(directory, name.ToString());

    private static bool IsOutOfSpace(Exception exception) => exception is StorageException { IsNoSpace: true };

    private bool TryCreate()
    {
        SegmentName name = new(generation, _nextOrdinal);
        IStorageFile? file = null;
        try
        {
            file = storage.Open(PathOf(name), StorageOpenMode.CreateNew, StorageCaching.Cached);
            // Written, so that a flush of records into it changes nothing of the host's own metadata.
            file.AllocateWritten(0, options.SegmentBytes);
            file.Flush();
            storage.SyncDirectory(directory);
            _nextOrdinal++;
            Add(name, file);
            return true;
        }
        catch (Exception exception)
        {
            file?.Dispose();
            if (!IsOutOfSpace(exception))
            {
                failure.Remember(exception);
                throw;
            }
            storage.Delete(PathOf(name));
            return false;
        }
    }

    /// <summary>
    /// Whether a file can serve as a segment as it is. Allocates it again: a power cut may have left the length of a spare and not its
    /// blocks.
    /// </summary>
    private bool TryPrepare(string path)
    {
        using IStorageFile file = storage.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        if (file.LengthBytes != options.SegmentBytes)
        {
            return false;
        }
        try
        {
            file.Allocate(0, options.SegmentBytes);
            return true;
        }
        catch (StorageException exception) when (IsOutOfSpace(exception))
        {
            return false;
        }
    }

    private void Add(SegmentName name, IStorageFile file)
    {
        lock (_ready)
        {
            _ready.Enqueue(new JournalSegment(name, file, options.SegmentBytes));
            Volatile.Write(ref _readyCount, _ready.Count);
        }
    }
}
