using System.Runtime.CompilerServices;
using FASTER.core;
using ThinFuse.Pool.Exceptions.Checkpoints;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Exceptions.Sessions;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions;

/// <summary>The exception table on FASTER: a log of records, 32 chunks each, the newest of them in memory, found through a hash index in memory.</summary>
/// <remarks>
/// <para>
/// Files, all in one directory: <c>log.N</c>, segments of the log, and <c>TOKEN.checkpoint</c>. A checkpoint names a range of the log and a
/// checksum of every 4 KiB block of it; blocks are checked whenever they are read, at recovery and later. <c>next.checkpoint</c>,
/// <c>spare.checkpoint</c> and the last segments hold space for what comes.
/// </para>
/// <para>
/// Space: the log stays within about three times what its records take (344 bytes a group), with a quarter of that and six segments
/// allocated ahead of it. Purging gives back, or
/// reuses, what only other checkpoints needed; without purges the directory grows.
/// </para>
/// <para>
/// A full host (ENOSPC) when *space is asked for* is no error of the table: <see cref="HasHeadroom"/> turns false, and true again when a
/// checkpoint and a purge have found or made space. ENOSPC for a *write* means that the caller went on without headroom, and is as final
/// as any other error.
/// </para>
/// </remarks>
public sealed class FasterExceptionTable : IExceptionTable
{
    /// <summary>FASTER continues checkpoints on pool threads; with fewer, on a small machine, one may wait for half a second to be started.</summary>
    private const int MinPoolThreads = 16;

    private readonly Lock _checkpointing = new();
    private readonly TableFault _fault = new();
    private readonly Dictionary<Guid, long> _begins = [];
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly LogSegments _segments;
    private readonly LogWriter _writer;
    private readonly CheckpointStore _checkpoints;
    private readonly FasterKV<GroupKey, GroupRecord> _store;
    private readonly GroupSessionPool _sessions;
    private readonly TableRoom _room;
    private readonly LogCompactor _compactor;
    private readonly Checkpointer _checkpointer;
    private readonly CheckpointCapture _capture = new();
    private readonly GroupCount _groups = new();
    private long _checkpointedEnd;
    private bool _disposed;

    private FasterExceptionTable(IStorage storage, string directory, ExceptionTableOptions options, long groups = 0)
    {
        EnsurePoolThreads();
        _storage = storage;
        _directory = directory;
        _segments = new LogSegments(storage, directory, options.SegmentBytes);
        _checkpoints = new CheckpointStore(storage, directory);
        _writer = new LogWriter(_segments, options.PageBytes, _fault);
        LogDevice device = new($"{directory}/log", _segments, _writer, _fault);
        _store = GroupStore.Create(options, options.IndexBytesFor(groups), device, _capture);
        _sessions = new GroupSessionPool(_store);
        _room = new TableRoom(_store, _segments, _checkpoints, _writer, _groups, _fault);
        _compactor = new LogCompactor(_store, _sessions, _segments, _room, _groups, _fault, options);
        _checkpointer = new Checkpointer(_store, _capture, _segments, _fault, options);
        _writer.MakeRoom = () => _room.Replenish();
        _checkpointedEnd = _store.Log.TailAddress;
        _writer.Start();
    }

    /// <inheritdoc/>
    public event Action<StorageException>? Faulted
    {
        add => _fault.Raised += value;
        remove => _fault.Raised -= value;
    }

    /// <inheritdoc/>
    public bool HasHeadroom => !_fault.IsSet && !_disposed && _room.Has();

    /// <summary>Makes an empty table. It can be recovered only after its first checkpoint.</summary>
    /// <param name="storage">Where its files are.</param>
    /// <param name="directory">A directory for this table alone; made if missing. Files of an earlier table in it are removed.</param>
    /// <param name="options">Sizes.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    /// <exception cref="StorageException">The files could not be made: ENOSPC when the host has no room for the first segments.</exception>
    public static FasterExceptionTable Create(IStorage storage, string directory, ExceptionTableOptions options)
    {
        options.Validate();
        storage.CreateDirectory(directory);
        foreach (string name in storage.List(directory))
        {
            if (TableFiles.IsOwn(name))
            {
                storage.Delete($"{directory}/{name}");
            }
        }

        FasterExceptionTable table = new(storage, directory, options);
        try
        {
            if (!table._room.Replenish())
            {
                table._fault.ThrowIfSet();
                throw new StorageException(Errno.ENOSPC, "allocate a table in", directory);
            }

            storage.SyncDirectory(directory);
            storage.SyncDirectory(Path.GetDirectoryName(directory) is { Length: > 0 } parent ? parent : ".");
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Brings back the table as of a checkpoint. Other checkpoints, and what was put after this one, are removed.</summary>
    /// <param name="storage">Where its files are.</param>
    /// <param name="directory">The directory it was made in.</param>
    /// <param name="token">What <see cref="Checkpoint"/> returned.</param>
    /// <param name="options">Sizes; page and segment as at creation.</param>
    /// <exception cref="ArgumentException">A size is out of range, or page or segment differ from the files'.</exception>
    /// <exception cref="InvalidDataException">The checkpoint, or a part of the log that it needs, is missing or damaged; the message names the file.</exception>
    /// <exception cref="StorageException">A file could not be read or written.</exception>
    public static FasterExceptionTable Recover(IStorage storage, string directory, Guid token, ExceptionTableOptions options)
    {
        options.Validate();
        CheckpointStore checkpoints = new(storage, directory);
        CheckpointImage image = checkpoints.Read(token);
        if (image.PageBytes != options.PageBytes || image.SegmentBytes != options.SegmentBytes)
        {
            throw new ArgumentException(
                $"The table in {directory} has pages of {image.PageBytes} and segments of {image.SegmentBytes} bytes.", nameof(options));
        }

        FasterExceptionTable table = new(storage, directory, options, image.Groups);
        try
        {
            table.RecoverFrom(image);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public ChunkException Get(uint layer, long chunk)
    {
        GroupKey key = KeyOf(layer, chunk, out int index);
        GroupInput input = GroupInput.One(index);

        // Only the one exception is copied; the rest stays as the stack left it.
        Unsafe.SkipInit(out GroupRecord output);
        return Read(ref key, ref input, ref output) ? output[index] : default;
    }

    /// <inheritdoc/>
    public void Put(uint layer, long chunk, in ChunkException exception) => PutRange(layer, chunk, new ReadOnlySpan<ChunkException>(in exception));

    /// <inheritdoc/>
    public unsafe void PutRange(uint layer, long firstChunk, ReadOnlySpan<ChunkException> exceptions)
    {
        GroupKey key = KeyOf(layer, firstChunk, out int index);
        if (exceptions.IsEmpty || exceptions.Length > IExceptionTable.GroupChunks - index)
        {
            throw new ArgumentException($"{exceptions.Length} exceptions from chunk {firstChunk} on are not of one group.", nameof(exceptions));
        }

        ThrowIfUnusable();
        GroupSession session = _sessions.Rent();
        Status status;

        // They stay where they are until the operation has ended, also when it waits for the disk.
        fixed (ChunkException* values = exceptions)
        {
            GroupInput input = GroupInput.Put(index, exceptions.Length, values);
            status = session.Modify(ref key, ref input);
        }

        _sessions.Return(session);
        _fault.ThrowIfSet();
        if (status.Expired)
        {
            _groups.Decrement();
        }
        else if (status.NotFound && status.Record.Created)
        {
            _groups.Increment();
        }

        if (status.Record.Created || status.Record.CopyUpdated)
        {
            _room.Touch();
        }
    }

    /// <inheritdoc/>
    public bool GetGroup(uint layer, long group, Span<ChunkException> exceptions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfNotEqual(exceptions.Length, IExceptionTable.GroupChunks, nameof(exceptions));
        GroupKey key = new(layer, group);
        GroupInput input = GroupInput.WholeGroup;
        GroupRecord output = default;
        bool found = Read(ref key, ref input, ref output);
        Unsafe.As<ChunkException, GroupRecord>(ref exceptions[0]) = output;
        return found;
    }

    /// <inheritdoc/>
    public Guid Checkpoint()
    {
        lock (_checkpointing)
        {
            ThrowIfUnusable();
            Guid? token;
            try
            {
                token = TakeCheckpoint();
            }
            catch (StorageException e)
            {
                _fault.Set(e);
                throw;
            }

            return token ?? throw new StorageException(Errno.ENOSPC, "allocate a checkpoint in", _directory);
        }
    }

    /// <inheritdoc/>
    public void PurgeOtherCheckpoints(Guid keep)
    {
        lock (_checkpointing)
        {
            ThrowIfUnusable();
            if (!_begins.TryGetValue(keep, out long begin))
            {
                throw new ArgumentException($"There is no checkpoint {keep}.", nameof(keep));
            }

            try
            {
                _checkpoints.PurgeExcept(keep);
                _segments.ReleaseBelow((int)(begin / _segments.SegmentBytes), _room.WantedEnd);
                _storage.SyncDirectory(_directory);
            }
            catch (StorageException e)
            {
                _fault.Set(e);
                throw;
            }

            _begins.Clear();
            _begins.Add(keep, begin);
            _room.Replenish();
            _fault.ThrowIfSet();
        }
    }

    /// <summary>Closes the files. Nothing is written that was not under way: what no checkpoint holds is lost. Call when no other method runs.</summary>
    public void Dispose()
    {
        lock (_checkpointing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _sessions.Dispose();

            // The writer reads pages that the store frees.
            _writer.Drain();
            _store.Dispose();
            _writer.Dispose();
            _segments.Dispose();
        }
    }

    private static GroupKey KeyOf(uint layer, long chunk, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        (long group, long remainder) = Math.DivRem(chunk, IExceptionTable.GroupChunks);
        index = (int)remainder;
        return new GroupKey(layer, group);
    }

    private static void EnsurePoolThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        if (workers < MinPoolThreads)
        {
            ThreadPool.SetMinThreads(MinPoolThreads, completions);
        }
    }

    private bool Read(ref GroupKey key, ref GroupInput input, ref GroupRecord output)
    {
        ThrowIfUnusable();
        GroupSession session = _sessions.Rent();
        bool found = session.Read(ref key, ref input, ref output);
        _sessions.Return(session);
        _fault.ThrowIfSet();
        return found;
    }

    /// <summary>Null when the host has no space to write the checkpoint to; nothing is lost by that.</summary>
    private Guid? TakeCheckpoint()
    {
        _room.Replenish();
        _compactor.Run(_checkpointedEnd);
        long groups = _groups.Value;
        HybridLogRecoveryInfo info = _checkpointer.FoldOver(out Guid token);

        // Whatever went into the log by now went in without a fault, or is not used.
        _fault.ThrowIfSet();
        CheckpointImage image = _checkpointer.Describe(token, in info, groups);
        byte[] content = CheckpointFormat.Encode(image);
        if (!_checkpoints.TryReserve(content.Length))
        {
            return null;
        }

        _segments.Flush();
        _checkpoints.Write(token, content);
        _begins.Add(token, image.ProtectedBegin);
        _checkpointedEnd = image.FinalAddress;
        _room.Replenish();
        return token;
    }

    private void RecoverFrom(CheckpointImage image)
    {
        TableRecovery.Prepare(_segments, image);
        _capture.Restore(image.Token, image.Metadata);
        TableRecovery.Run(_store, image, _fault, _checkpoints.PathOf(image.Token));
        TableRecovery.CleanUp(_storage, _directory, _segments, _checkpoints, image);
        _groups.Value = image.Groups;
        _checkpointedEnd = image.FinalAddress;
        _begins.Add(image.Token, image.ProtectedBegin);
        _room.Replenish();
        _fault.ThrowIfSet();
        _storage.SyncDirectory(_directory);
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _fault.ThrowIfSet();
    }
}
