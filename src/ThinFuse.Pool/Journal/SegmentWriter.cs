namespace ThinFuse.Pool.Journaling;

/// <summary>The appending half of a journal: numbers records, writes them, and moves on from segment to segment. Thread-safe.</summary>
/// <remarks>Deferred records wait in one buffer, in order, and all belong to the current segment: whatever comes after them in the file takes them along.</remarks>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>
    /// Room that payload records leave in their segment. Behind the last of them come at most two commit records: of the commit that
    /// was under way, and of the one that covers it. So a commit never needs a segment that the host has no room for.
    /// </summary>
    private static readonly int CommitReserveBytes = 2 * RecordCodec.SizeBytes(CommitRecord.SizeBytes);

    private readonly Guid _poolId;
    private readonly RecordCodec _codec;
    private readonly SpareSegments _spares;
    private readonly StickyFailure _failure;
    private readonly byte[] _buffer;

    /// <summary>Guards what follows. Held for a write into the page cache at most.</summary>
    private readonly Lock _lock = new();
    private readonly Queue<JournalSegment> _live = new();
    private JournalSegment? _current;
    private long _lastSequence;
    private long _lastPayloadSequence;
    private long _bytesSinceRelease;
    private int _deferredBytes;

    internal SegmentWriter(Guid poolId, long generation, long firstSequence, int segmentBytes, SpareSegments spares, StickyFailure failure)
    {
        _poolId = poolId;
        _codec = new RecordCodec(poolId, generation);
        _spares = spares;
        _failure = failure;
        _lastSequence = _lastPayloadSequence = firstSequence - 1;
        MaxPayloadBytes = Math.Min(RecordCodec.LargestPayloadBytes, segmentBytes / 4);
        _buffer = GC.AllocateUninitializedArray<byte>(RecordCodec.SizeBytes(MaxPayloadBytes));
    }

    internal int MaxPayloadBytes { get; }

    internal int LiveSegments
    {
        get
        {
            lock (_lock)
            {
                return _live.Count;
            }
        }
    }

    internal long BytesSinceRelease
    {
        get
        {
            lock (_lock)
            {
                return _bytesSinceRelease;
            }
        }
    }

    /// <summary>Whether a deferred record is not in the file yet; after a failure it never will be.</summary>
    internal bool HasDeferred => Volatile.Read(ref _deferredBytes) != 0;

    /// <summary>The newest sequences: of any record, and of those that are no commit record.</summary>
    internal (long Any, long Payload) LastSequences
    {
        get
        {
            lock (_lock)
            {
                return (_lastSequence, _lastPayloadSequence);
            }
        }
    }

    /// <summary>Starts the first segment and makes it durable. False when there is no room for one.</summary>
    internal bool TryBegin()
    {
        lock (_lock)
        {
            if (!_spares.Replenish() || !TryRoll())
            {
                return false;
            }
            _current!.Flush();
            _current.IsDirty = false;
            return true;
        }
    }

    /// <summary>Appends a record, which may wait for the next that is not deferred; ENOSPC, and nothing changed, when there is no room.</summary>
    internal long Append(byte kind, ReadOnlySpan<byte> payload, bool isDeferred = false)
    {
        while (true)
        {
            // New files are made outside the lock. If there is no room for a spare, this record found its place all the same.
            if (TryAppend(kind, payload, isDeferred, out long sequence, out bool hasRolled))
            {
                if (hasRolled)
                {
                    _spares.ReplenishSoon();
                }
                return sequence;
            }
            if (!_spares.Replenish())
            {
                throw _spares.OutOfSpace();
            }
        }
    }

    /// <summary>Writes the deferred records out.</summary>
    internal void WriteDeferred()
    {
        lock (_lock)
        {
            _failure.ThrowIfFailed();
            try
            {
                WriteBuffer();
            }
            catch (Exception exception)
            {
                _failure.Remember(exception);
                throw;
            }
        }
    }

    /// <summary>The segments written to since the last call.</summary>
    internal List<JournalSegment> TakeDirty()
    {
        lock (_lock)
        {
            List<JournalSegment> dirty = [.. _live.Where(segment => segment.IsDirty)];
            dirty.ForEach(segment => segment.IsDirty = false);
            return dirty;
        }
    }

    /// <summary>
    /// Closes the segments whose records are all older than <paramref name="sequence"/> and flushed; returns their paths.
    /// </summary>
    internal List<string> Release(long sequence, long flushedSequence)
    {
        List<string> paths = [];
        lock (_lock)
        {
            // What is flushed is in the hands of no running commit, for that counts as flushed only when it has let go of its files.
            while (_live.TryPeek(out JournalSegment? oldest) && oldest != _current
                && oldest.LastSequence < sequence && oldest.LastSequence <= flushedSequence)
            {
                _live.Dequeue().Dispose();
                paths.Add(_spares.PathOf(oldest.Name));
            }
            _bytesSinceRelease = 0;
        }
        return paths;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_live.TryDequeue(out JournalSegment? segment))
            {
                segment.Dispose();
            }
        }
    }

    private bool TryAppend(byte kind, ReadOnlySpan<byte> payload, bool isDeferred, out long sequence, out bool hasRolled)
    {
        int recordBytes = RecordCodec.SizeBytes(payload.Length);
        int neededBytes = kind == RecordCodec.CommitKind ? recordBytes : recordBytes + CommitReserveBytes;
        lock (_lock)
        {
            _failure.ThrowIfFailed();
            try
            {
                sequence = _lastSequence + 1;
                hasRolled = !_current!.Fits(_deferredBytes + neededBytes);
                if (hasRolled || _deferredBytes + recordBytes > _buffer.Length)
                {
                    WriteBuffer();
                }
                if (hasRolled && !TryRoll())
                {
                    return false;
                }
                _codec.Write(_buffer.AsSpan(_deferredBytes, recordBytes), sequence, kind, payload);
                Volatile.Write(ref _deferredBytes, _deferredBytes + recordBytes);
                if (!isDeferred)
                {
                    WriteBuffer();
                }
                _lastSequence = sequence;
                _lastPayloadSequence = kind == RecordCodec.CommitKind ? _lastPayloadSequence : sequence;
                _bytesSinceRelease += recordBytes;
                return true;
            }
            catch (Exception exception)
            {
                // The file may hold any part of the record now.
                _failure.Remember(exception);
                throw;
            }
        }
    }

    /// <summary>One write for all that waits. When it fails, what waits stays: nobody may take it for written.</summary>
    private void WriteBuffer()
    {
        if (_deferredBytes != 0)
        {
            _current!.Append(_buffer.AsSpan(0, _deferredBytes));
            Volatile.Write(ref _deferredBytes, 0);
        }
    }

    private bool TryRoll()
    {
        if (!_spares.TryTake(out JournalSegment next))
        {
            return false;
        }
        if (_current is not null)
        {
            _current.LastSequence = _lastSequence;
        }
        _live.Enqueue(next);
        _current = next;
        _current.Start(_poolId, _lastSequence + 1);
        return true;
    }
}
