using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>One write: map (perhaps parked, then map again), move, publish or abort. Reused; used by one thread at a time, but not always the same.</summary>
/// <remarks>
/// <para>Map decides whether there is space, before any byte moves, for the whole write or not at all. On exhaustion it commits once, which is
/// I/O, because freed extents may only wait for that; a caller that must not block is told instead.</para>
/// <para>Until Publish, readers see the old bytes, except in blocks that the volume's own layer already has: those are overwritten in place.</para>
/// <para>After Publish the write survives the death of the process, if deferred only after <see cref="ThinPool.Settle"/>; power loss only after a flush.</para>
/// </remarks>
public sealed class WriteOperation
{
    private readonly PoolCore _core;
    private readonly WritePlan _plan;
    private readonly WriteMover _mover;
    private readonly WriteSpace _space;
    private readonly WriteFaults _faults;
    private byte[] _record = [];
    private Volume? _volume;
    private long _epoch;
    private bool _mayHaveMoved;
    private WriteManner _manner;

    internal WriteOperation(PoolCore core, BounceBuffers bounces)
    {
        _core = core;
        _plan = new WritePlan(core);
        _mover = new WriteMover(core, bounces);
        _space = new WriteSpace(core);
        _faults = new WriteFaults(core, _plan, _mover);
    }

    /// <summary>The whole-block pieces; a mover outside the engine may use them when <see cref="CanMoveDirect"/>.</summary>
    public ReadOnlySpan<Segment> Segments => _plan.Segments;

    /// <summary>
    /// Says what became of data that was moved outside of the engine, before this is published or ended. Which of several files refused it, nobody knows:
    /// all are named.
    /// </summary>
    /// <param name="errno">Positive Linux errno; 0 when all is written.</param>
    public void NoteMoved(int errno)
    {
        foreach (ref readonly Segment segment in Segments)
        {
            segment.Node!.NoteWritten(errno);
        }

        if (errno != 0 && !Errno.IsNoSpace(errno))
        {
            SegmentList.NoteFault(Segments, "write", errno);
        }
    }

    /// <summary>Whether all data may be written straight from the buffer, and nothing needs merging; whoever does it calls <see cref="NoteMoved"/>.</summary>
    public bool CanMoveDirect(ReadOnlySpan<byte> data) => _plan.IsDirect(ReadOperation.AddressOf(data));

    /// <summary>Maps, or goes on mapping after it was parked, with the same arguments.</summary>
    internal MapOutcome Map(Volume volume, long offsetBytes, ReadOnlySpan<byte> data, IParked waiter, WriteManner manner = WriteManner.Ordinary)
    {
        while (true)
        {
            if (_volume is null)
            {
                _core.Health.ThrowIfFailed();
                if (!manner.HasFlag(WriteManner.GateIsHeld) && !volume.Gate.TryEnter(waiter))
                {
                    return MapOutcome.Parked;
                }

                _manner = manner;
                _volume = volume;
                _epoch = _core.Epoch.Enter();
                _plan.Begin(offsetBytes, data.Length);
            }

            try
            {
                if (Claim(volume, data, waiter) is { } outcome)
                {
                    return outcome;
                }
            }
            catch
            {
                Abort();
                throw;
            }
        }
    }

    /// <summary>Writes all data to the nodes, on this thread.</summary>
    /// <exception cref="StorageException">A node refused; abort.</exception>
    public void Move(ReadOnlySpan<byte> data) =>
        _mover.Move(_volume ?? throw new InvalidOperationException("nothing is mapped"), _plan, data);

    /// <summary>Makes the moved data the volume's content, and ends the operation.</summary>
    /// <param name="isDeferred">
    /// Whether the caller tells nobody that the write is done before <see cref="ThinPool.Settle"/> has returned, which may stand for many writes.
    /// </param>
    /// <exception cref="PoolException">The pool failed; part of the write may show after the next mount.</exception>
    public void Publish(bool isDeferred = false)
    {
        Volume volume = _volume ?? throw new InvalidOperationException("nothing is mapped");
        try
        {
            volume.ModifiedAtTicks = DateTime.UtcNow.Ticks;
            if (_plan.EndBytes > volume.Record.SizeBytes && !_manner.HasFlag(WriteManner.KeepsSize))
            {
                PublishExtended(volume, isDeferred);
            }
            else
            {
                _core.Pending.Publish(_plan.Claims, RecordBuffer(), null, isDeferred);
            }

            _mayHaveMoved = false;
            if (_core.Host.IsFull && _plan.HasNewBlocks)
            {
                _core.Host.NoteRoom();
            }
        }
        finally
        {
            Abort();
        }
    }

    /// <summary>
    /// Called after Move, or whoever moved, met a full host below a node (ENOSPC, EDQUOT): gives everything back, so that nothing of the write is visible. Then it
    /// waits as for an extent, where the pool's policy is to wait. Blocks for I/O.
    /// </summary>
    /// <returns>Parked: the waiter is resumed when it may be mapped again. NoSpace: it is refused.</returns>
    internal MapOutcome MeetFullHost(IParked waiter)
    {
        GiveBack();
        _core.Host.NoteFull();
        return _space.Wait(1, _manner, waiter);
    }

    /// <summary>
    /// Called after Move, or whoever moved, met an error of a disk: finds the extents that cannot be written, moves what their chunks hold to others, and puts
    /// them out of use. Blocks for I/O.
    /// </summary>
    /// <param name="data">The data, all of which is moved again first.</param>
    /// <param name="errno">Positive Linux errno.</param>
    /// <exception cref="StorageException">Another error was met, which is what is to be told.</exception>
    /// <exception cref="PoolException">The pool failed.</exception>
    internal FaultOutcome MeetFault(ReadOnlySpan<byte> data, int errno)
    {
        Volume volume = _volume ?? throw new InvalidOperationException("nothing is mapped");
        if (_faults.Find(volume, data, errno) is { } outcome)
        {
            return outcome;
        }

        GiveBack();
        return _faults.Replace(volume, _manner.HasFlag(WriteManner.GateIsHeld));
    }

    /// <summary>Ends the operation without publishing; space that was claimed goes back. Safe to call twice.</summary>
    public void Abort()
    {
        GiveBack();
        _space.End();
        _faults.End();
    }

    private void GiveBack()
    {
        if (_mayHaveMoved)
        {
            _mayHaveMoved = false;
            _faults.CleanBehindEnd(_volume!);
        }

        LetGo();
        _space.BeginAnew();
    }

    /// <summary>Holds nothing any more.</summary>
    private void LetGo()
    {
        _plan.Settle();
        if (_volume is { } volume)
        {
            _volume = null;
            _core.Epoch.Exit(_epoch);
            if (!_manner.HasFlag(WriteManner.GateIsHeld))
            {
                volume.Gate.Exit();
            }
        }
    }

    private void PublishExtended(Volume volume, bool isDeferred)
    {
        long sizeBytes = SizeAfter();
        lock (_core.MetadataLock)
        {
            VolumeRecord longer = volume.Record with
            {
                SizeBytes = Math.Max(sizeBytes, volume.Record.SizeBytes),
                ModifiedAtTicks = volume.ModifiedAtTicks,
            };

            _core.Strict.Require(_core.Strict.Added(volume.Record.SizeBytes, longer.SizeBytes));

            if (volume.IsDeleted)
            {
                // Before what lies behind the old end is published, which a successor would drop otherwise.
                _core.Nameless.Keep(longer);
            }

            // A deleted volume has no record any more: nothing of it outlives its last handle.
            _core.Pending.Publish(_plan.Claims, RecordBuffer(), volume.IsDeleted ? null : longer, isDeferred);
            if (volume.IsDeleted)
            {
                volume.Record = longer;
            }
        }
    }

    /// <summary>Room for a record of all claims and the volume.</summary>
    private Span<byte> RecordBuffer()
    {
        int neededBytes = (_plan.Claims.Length * EntryWriter.ExceptionEntryBytes) + EntryWriter.MaxEntryBytes;
        if (_record.Length < neededBytes)
        {
            _record = new byte[neededBytes];
        }

        return _record;
    }

    /// <summary>Claims what the write needs; null when it holds nothing and is to begin anew.</summary>
    private MapOutcome? Claim(Volume volume, ReadOnlySpan<byte> data, IParked waiter)
    {
        if (GrowsFirst(volume))
        {
            long sizeBytes = SizeAfter();
            GiveBack();
            return _space.Grow(volume, sizeBytes, _manner, waiter);
        }

        switch (_plan.Claim(volume, ReadOperation.AddressOf(data), _space.Source, waiter))
        {
            case ClaimOutcome.Conflict:
                return MapOutcome.Parked;
            case ClaimOutcome.InTransit:
                GiveBack();
                return _space.AwaitTransit(_manner);
            case ClaimOutcome.NoSpace:
                int neededCount = _plan.TakenCount + 1;
                LetGo();
                return _space.Seek(volume, neededCount, _plan.ChunkCount, _manner, waiter);
            default:
                _space.Found(volume);
                _mayHaveMoved = true;
                return MapOutcome.Ready;
        }
    }

    /// <summary>
    /// Whether the write goes past the end of a volume all of which is promised, be it by a strict pool: that end moves before, with the space for it, or
    /// nothing of the write is done.
    /// </summary>
    private bool GrowsFirst(Volume volume) =>
        _plan.EndBytes > volume.Record.SizeBytes && !_manner.HasFlag(WriteManner.KeepsSize)
        && (volume.Reservation is { GrowsWithSize: true } || _core.Metadata.Settings.IsStrict);

    private long SizeAfter() => (_plan.EndBytes + Geometry.SectorBytes - 1) & ~(Geometry.SectorBytes - 1L);
}
