using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// The pool's journal: records in preallocated segment files. A record survives the death of this process once <see cref="Append"/>
/// returned, and power loss once a <see cref="Commit"/> called after that returned.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Records are numbered from 1 by a sequence without gaps, which goes on from one journal of a pool to the next.</para>
/// <para>
/// A journal is written by one process in one life, under a generation of its own: recovery reads the old one with <see
/// cref="JournalScan"/>
/// and creates the next. Take a larger generation than any that a superblock has named.
/// </para>
/// <para>
/// A failure of the storage is final: from then on every method that writes throws <see cref="StorageException"/>. The one exception is
/// a host without room for another segment, which refuses the append (ENOSPC or EDQUOT) and changes nothing.
/// </para>
/// </remarks>
public sealed class Journal : IDisposable
{
    private readonly long _firstSequence;
    private readonly int _segmentBytes;
    private readonly StickyFailure _failure;
    private readonly GroupCommit _groupCommit;
    private readonly SpareSegments _spares;
    private readonly SegmentWriter _writer;

    /// <summary>Segments of earlier journals, until they are released.</summary>
    private IReadOnlyCollection<string> _predecessorPaths = [];

    /// <summary>
    /// Every record up to here is on the disk. Runs ahead of <see cref="DurableSequence"/>, which speaks of the data too.
    /// </summary>
    private long _flushedSequence;
    private long _durableSequence;

    private Journal(IStorage storage, string directory, Guid poolId, long generation, long firstSequence, JournalOptions options)
    {
        _firstSequence = firstSequence;
        _segmentBytes = options.SegmentBytes;
        _flushedSequence = _durableSequence = firstSequence - 1;
        _failure = new StickyFailure(directory);
        _groupCommit = new GroupCommit(_failure);
        _spares = new SpareSegments(storage, directory, generation, options, _failure);
        _writer = new SegmentWriter(poolId, generation, firstSequence, options.SegmentBytes, _spares, _failure);
    }

    /// <summary>
    /// Raised by the thread that led a commit, with the new <see cref="DurableSequence"/>, before any caller of the commit goes on.
    /// </summary>
    /// <remarks>No lock is held. An exception of a handler fails the journal. Commit must not be called in it.</remarks>
    public event Action<long>? Committed;

    /// <summary>Whether a failure of the storage has ended it: nothing can be appended or committed any more.</summary>
    public bool HasFailed => _failure.HasFailed;

    /// <summary>Largest payload of a record: 64 KiB, or a quarter of a small segment.</summary>
    public int MaxPayloadBytes => _writer.MaxPayloadBytes;

    /// <summary>The sequence of the newest record, commit records included; one less than the first sequence when there is none.</summary>
    public long LastSequence => _writer.LastSequences.Any;

    /// <summary>Every record up to here, and the data written before it, survives power loss.</summary>
    public long DurableSequence => Volatile.Read(ref _durableSequence);

    /// <summary>
    /// Bytes appended since <see cref="ReleaseBefore"/>: what a recovery would read, and so the measure of when a checkpoint is due.
    /// </summary>
    public long BytesSinceRelease => _writer.BytesSinceRelease;

    /// <summary>Bytes of disk under the segments that hold records of this journal; spares and predecessors not counted.</summary>
    public long LiveBytes => (long)_writer.LiveSegments * _segmentBytes;

    /// <summary>
    /// Whether a preallocated spare stands behind the current segment. While false the caller must refuse what uses up space, so that
    /// the records which give it back still find room. Cheap; any thread.
    /// </summary>
    public bool HasHeadroom => _spares.Count > 0;

    /// <summary>
    /// Called by a thread that appends when spares are missing but one is left; has <see cref="Replenish"/> called on another thread, so that nobody
    /// who appends waits for files to be made. Null: they are made at once, by whoever appends.
    /// </summary>
    public Action? SparesWanted
    {
        get => _spares.Wanted;
        set => _spares.Wanted = value;
    }

    /// <summary>Callers of <see cref="Commit"/> that wait for one they do not lead.</summary>
    internal int WaitingCommits => _groupCommit.Waiting;

    /// <summary>
    /// Starts a journal whose first record has the sequence <paramref name="firstSequence"/> (1 or more). It survives power loss, empty,
    /// when this returns.
    /// </summary>
    /// <remarks>
    /// Segments of smaller generations that hold records stay until <see cref="ReleaseBefore"/> is told that they are not needed.
    /// Segments of this or larger generations are leftovers of a start that no superblock came to name; they are deleted first.
    /// </remarks>
    /// <exception cref="StorageException">The storage failed; ENOSPC when there is no room for a first segment.</exception>
    public static Journal Create(
        IStorage storage, string directory, Guid poolId, long generation, long firstSequence, JournalOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(generation);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, 1);
        options.Validate();
        Predecessors predecessors = Predecessors.Prepare(storage, directory, poolId, generation);
        Journal journal = new(storage, directory, poolId, generation, firstSequence, options);
        try
        {
            journal.Begin(predecessors);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record and returns its sequence. The record survives the death of this process from then on.</summary>
    /// <param name="kind">1 to 255, the caller's own.</param>
    /// <param name="payload">Up to <see cref="MaxPayloadBytes"/>.</param>
    /// <exception cref="StorageException">
    /// ENOSPC: the current segment is full and there is no spare; nothing was appended. Others are final.
    /// </exception>
    public long Append(byte kind, ReadOnlySpan<byte> payload) => Add(kind, payload, isDeferred: false);

    /// <summary>
    /// Appends a record that survives the death of this process only when <see cref="WriteDeferred"/>, or any later <see cref="Append"/> or <see
    /// cref="Commit"/>, has returned; until then nobody may be told of it. One write then stands for many. Place for it is found now.
    /// </summary>
    /// <returns>Its sequence.</returns>
    /// <inheritdoc cref="Append"/>
    public long AppendDeferred(byte kind, ReadOnlySpan<byte> payload) => Add(kind, payload, isDeferred: true);

    /// <summary>Writes the deferred records of all threads out: they survive the death of this process when this returns. Cheap when there are none.</summary>
    /// <exception cref="StorageException">They may be lost. Final.</exception>
    public void WriteDeferred()
    {
        if (_writer.HasDeferred)
        {
            _writer.WriteDeferred();
        }
    }

    /// <summary>
    /// Group commit: when this returns, every record appended and all data written before the call survive power loss. A caller that
    /// comes while a commit runs joins the next one, whose leader works for all.
    /// </summary>
    /// <param name="flushData">
    /// Makes all data written so far durable. Called once by the leader, whose delegate stands for those of all. If it throws, no later
    /// commit can succeed, for a flush that failed has failed for good.
    /// </param>
    /// <exception cref="StorageException">This or an earlier commit failed; what was to become durable may not be.</exception>
    public void Commit(Action flushData) => _groupCommit.Run(() => Lead(flushData));

    /// <summary>
    /// Says that a recovery would start at <paramref name="sequence"/> or later, because a durable superblock says so: segments with only
    /// older records become spares or are deleted. Those whose records are not flushed yet wait for a later call.
    /// </summary>
    /// <exception cref="StorageException">Renaming or deleting failed, which is final.</exception>
    public void ReleaseBefore(long sequence)
    {
        _failure.ThrowIfFailed();
        List<string> paths = _writer.Release(sequence, Volatile.Read(ref _flushedSequence));
        if (sequence >= _firstSequence)
        {
            paths.AddRange(Interlocked.Exchange(ref _predecessorPaths, []));
        }
        _spares.Recycle(paths);
    }

    /// <summary>Tries to make the spares that are missing, where the host may have room again; returns <see cref="HasHeadroom"/>.</summary>
    /// <exception cref="StorageException">The storage failed otherwise than for want of room, which is final.</exception>
    public bool Replenish() => _spares.Replenish();

    /// <summary>Closes the files. What was appended stays as it is, deferred records are dropped; nothing is committed.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _spares.Dispose();
    }

    private long Add(byte kind, ReadOnlySpan<byte> payload, bool isDeferred)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(kind, RecordCodec.CommitKind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayloadBytes);
        return _writer.Append(kind, payload, isDeferred);
    }

    private void Begin(Predecessors predecessors)
    {
        _predecessorPaths = predecessors.NeededPaths;
        // A full host may have no room for a new file, but the last life's spares are there.
        _spares.Recycle(predecessors.UnstartedPaths);
        if (!_writer.TryBegin())
        {
            throw _spares.OutOfSpace();
        }
        _ = _spares.Replenish();
    }

    private void Lead(Action flushData)
    {
        _failure.ThrowIfFailed();
        (long target, long targetPayload) = _writer.LastSequences;
        // The data first: a record that survives must never speak of data that did not.
        flushData();
        if (targetPayload <= _durableSequence)
        {
            return;
        }
        Span<byte> payload = stackalloc byte[CommitRecord.SizeBytes];
        new CommitRecord(target, _flushedSequence).Write(payload);
        long commitSequence = _writer.Append(RecordCodec.CommitKind, payload);
        foreach (JournalSegment segment in _writer.TakeDirty())
        {
            segment.Flush();
        }
        Volatile.Write(ref _flushedSequence, commitSequence);
        Volatile.Write(ref _durableSequence, target);
        Committed?.Invoke(target);
    }
}
