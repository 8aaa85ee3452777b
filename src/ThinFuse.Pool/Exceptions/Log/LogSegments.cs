using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>
/// The log's files: an unbroken run of segments, the last few of which are allocated but not yet written. Space is taken only here, and
/// segments that are no longer needed are renamed to the run's far end rather than given back, so that a steady table needs no new space.
/// </summary>
/// <remarks>Reads and writes run beside everything; changes of the run exclude each other.</remarks>
internal sealed class LogSegments(IStorage storage, string directory, long segmentBytes) : IDisposable
{
    private readonly Lock _changing = new();

    // Immutable; replaced when the run changes.
    private Run _run = new(0, []);

    public long SegmentBytes => segmentBytes;

    /// <summary>The address below which every byte that the log may still need has space.</summary>
    public long AllocatedEnd => Volatile.Read(ref _run).End * segmentBytes;

    /// <summary>The address of the first byte of the first segment.</summary>
    public long AllocatedBegin => Volatile.Read(ref _run).First * segmentBytes;

    /// <summary>Opens the files from <paramref name="first"/> as far as they go without a gap; none is fine.</summary>
    public void Open(int first)
    {
        lock (_changing)
        {
            List<LogSegment> segments = [];
            while (storage.Exists(PathOf(first + segments.Count)))
            {
                segments.Add(OpenSegment(first + segments.Count));
            }

            Volatile.Write(ref _run, new Run(first, [.. segments]));
        }
    }

    /// <summary>The segment, or null when it is not in the run.</summary>
    public LogSegment? Find(int id)
    {
        Run run = Volatile.Read(ref _run);
        return id >= run.First && id < run.End ? run.Segments[id - run.First] : null;
    }

    /// <summary>Reads whole blocks of one segment.</summary>
    /// <exception cref="StorageException">They could not be read, or are damaged; then the fault knows that too.</exception>
    public void Read(long address, Span<byte> blocks, TableFault fault)
    {
        int id = (int)(address / segmentBytes);
        LogSegment segment = Find(id) ?? throw new StorageException(Errno.EIO, "read outside of", PathOf(id));
        try
        {
            segment.Read(address % segmentBytes, blocks);
        }
        catch (InvalidDataException e)
        {
            fault.Set(e, segment.Path);
            throw new StorageException(Errno.EIO, "verify", segment.Path);
        }
    }

    public string PathOf(int id) => $"{directory}/{TableFiles.Segment(id)}";

    /// <summary>Makes the run reach <paramref name="address"/>.</summary>
    /// <exception cref="StorageException">ENOSPC or another error; the run is as far as it got.</exception>
    public void AllocateUntil(long address)
    {
        if (AllocatedEnd >= address)
        {
            return;
        }

        lock (_changing)
        {
            while (AllocatedEnd < address)
            {
                Run run = _run;
                Volatile.Write(ref _run, run.With(CreateSegment(run.End)));
            }
        }
    }

    /// <summary>Backs the segments from <paramref name="first"/> on with space again, as far as there is some; the others are deleted.</summary>
    /// <remarks>After a crash their files may be shorter than they should be. Nothing in them is needed.</remarks>
    public void ReallocateFrom(int first)
    {
        lock (_changing)
        {
            Run run = _run;
            for (int id = Math.Max(first, run.First); id < run.End; id++)
            {
                try
                {
                    using IStorageFile file = storage.Open(PathOf(id), StorageOpenMode.ReadWrite, StorageCaching.Cached);
                    file.Allocate(0, segmentBytes);
                }
                catch (StorageException e) when (e.IsNoSpace)
                {
                    DeleteFrom(id);
                    return;
                }
            }
        }
    }

    /// <summary>Drops the segments below <paramref name="first"/>: reused at the end of the run until that reaches <paramref name="wantedEnd"/>, else deleted.</summary>
    /// <exception cref="StorageException">A rename or delete failed.</exception>
    public void ReleaseBelow(int first, long wantedEnd)
    {
        lock (_changing)
        {
            while (_run.First < first && _run.Segments.Length > 1)
            {
                Run run = _run;
                run.Segments[0].Dispose();
                if (AllocatedEnd < wantedEnd)
                {
                    // Its checksums start over as unwritten: the old bytes can never be read through the new name.
                    storage.Rename(PathOf(run.First), PathOf(run.End));
                    run = run.With(OpenSegment(run.End));
                }
                else
                {
                    storage.Delete(PathOf(run.First));
                }

                Volatile.Write(ref _run, run.WithoutFirst());
            }
        }
    }

    /// <summary>Makes all that was written before the call survive power loss, names included.</summary>
    public void Flush()
    {
        foreach (LogSegment segment in Volatile.Read(ref _run).Segments)
        {
            segment.Flush();
        }

        storage.SyncDirectory(directory);
    }

    public void Dispose()
    {
        foreach (LogSegment segment in _run.Segments)
        {
            segment.Dispose();
        }
    }

    private LogSegment OpenSegment(int id) =>
        new(storage.Open(PathOf(id), StorageOpenMode.ReadWrite, StorageCaching.Cached), segmentBytes);

    private LogSegment CreateSegment(int id)
    {
        string path = PathOf(id);
        IStorageFile file = storage.Open(path, StorageOpenMode.CreateNew, StorageCaching.Cached);
        try
        {
            file.Allocate(0, segmentBytes);
            return new LogSegment(file, segmentBytes);
        }
        catch (StorageException)
        {
            file.Dispose();
            storage.Delete(path);
            throw;
        }
    }

    private void DeleteFrom(int id)
    {
        Run run = _run;
        int kept = id - run.First;
        for (int i = run.Segments.Length - 1; i >= kept; i--)
        {
            run.Segments[i].Dispose();
            storage.Delete(PathOf(run.First + i));
        }

        Volatile.Write(ref _run, new Run(run.First, run.Segments[..kept]));
    }

    private sealed record Run(int First, LogSegment[] Segments)
    {
        public int End => First + Segments.Length;

        public Run With(LogSegment next) => new(First, [.. Segments, next]);

        public Run WithoutFirst() => new(First + 1, Segments[1..]);
    }
}
