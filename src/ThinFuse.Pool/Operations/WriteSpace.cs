using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>
/// How one write comes by its space: what it may take extents from, what is tried when they do not suffice, and whether it then waits in the queue or is
/// refused. Reused with its operation, and used by one thread at a time.
/// </summary>
/// <remarks>
/// Whatever is tried here may be I/O, and needs the write to hold nothing: no claim, no gate. Where the answer is null the write is to be mapped anew. The one
/// that has its turn says that the pool is out of space; those behind it only wait, or are refused.
/// </remarks>
internal sealed class WriteSpace(PoolCore core)
{
    private readonly SpaceTicket _ticket = new();
    private bool _wasReturned;
    private bool _mayDrawEmergency;

    /// <summary>Where extents for chunks that are not promised may be taken from now.</summary>
    public ExtentSource Source =>
        _mayDrawEmergency ? ExtentSource.Emergency : core.SpaceQueue.HasTurn(_ticket) ? ExtentSource.Free : ExtentSource.None;

    /// <summary>The write has all it needs.</summary>
    public void Found(Volume volume)
    {
        core.SpaceQueue.Leave(_ticket);
        TellFirstDraw(volume);
    }

    /// <summary>What was tried counts no more; a place in the queue is kept.</summary>
    public void BeginAnew()
    {
        _wasReturned = false;
        _mayDrawEmergency = false;
    }

    /// <summary>The write has ended, and with it its place and time in the queue.</summary>
    public void End()
    {
        core.SpaceQueue.Leave(_ticket);
        _ticket.Arrival = 0;
    }

    /// <summary>What is promised is there, but the pool has to let go of it first.</summary>
    public MapOutcome? AwaitTransit(WriteManner manner)
    {
        if (manner.HasFlag(WriteManner.MustNotBlock))
        {
            return MapOutcome.MustBlock;
        }

        core.ReturnSpace();
        return null;
    }

    /// <summary>Moves a volume's end to where the write ends, with the space that is promised for it then.</summary>
    /// <exception cref="PoolException">NoSpace: the pool is strict.</exception>
    public MapOutcome? Grow(Volume volume, long sizeBytes, WriteManner manner, IParked waiter)
    {
        if (manner.HasFlag(WriteManner.MustNotBlock))
        {
            return MapOutcome.MustBlock;
        }

        if (core.Metadata.Settings.IsStrict)
        {
            // What a strict pool lacks are no extents that could come back: it is refused at once.
            core.Promises.Grow(volume, sizeBytes);
            return null;
        }

        if (core.SpaceQueue.HasTurn(_ticket) && core.Promises.TryGrow(volume, sizeBytes))
        {
            return null;
        }

        long moreChunks = core.Geometry.ChunksFor(sizeBytes) - core.Geometry.ChunksFor(volume.Record.SizeBytes);
        int neededCount = (int)Math.Clamp(moreChunks, 1, int.MaxValue);
        return Refuse(neededCount, neededCount, manner, waiter);
    }

    /// <summary>Gets free what can be, then turns to the volume's emergency amount, then waits.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="neededCount">Extents below which it need not try again.</param>
    /// <param name="mostCount">Extents with which it succeeds.</param>
    /// <param name="manner">The write's.</param>
    /// <param name="waiter">Resumed after <see cref="MapOutcome.Parked"/>.</param>
    public MapOutcome? Seek(Volume volume, int neededCount, int mostCount, WriteManner manner, IParked waiter)
    {
        (bool isFirst, bool hasEmergency) = (!_wasReturned, !_mayDrawEmergency && volume.Reservation is { EmergencyCount: > 0 });
        BeginAnew();

        // Others may take what came; a pool that extends itself does so until it cannot.
        if ((isFirst || !core.Metadata.Settings.AutoExtend.IsOff) && core.SpaceQueue.HasTurn(_ticket))
        {
            if (manner.HasFlag(WriteManner.MustNotBlock))
            {
                return MapOutcome.MustBlock;
            }

            if (TryReturn(mostCount, isFirst))
            {
                _wasReturned = true;
                return null;
            }
        }

        if (hasEmergency)
        {
            _wasReturned = true;
            _mayDrawEmergency = true;
            return null;
        }

        return Refuse(neededCount, mostCount, manner, waiter);
    }

    /// <summary>Waits where the pool's policy is to wait: Parked, else NoSpace.</summary>
    public MapOutcome Wait(int neededCount, WriteManner manner, IParked waiter)
    {
        PoolSettings settings = core.Metadata.Settings;
        if (manner.HasFlag(WriteManner.Queues) && settings.NoSpace == NoSpacePolicy.Queue
            && core.SpaceQueue.TryPark(_ticket, neededCount, settings.NoSpaceTimeoutMs, waiter))
        {
            return MapOutcome.Parked;
        }

        core.SpaceQueue.Leave(_ticket);
        return MapOutcome.NoSpace;
    }

    private MapOutcome Refuse(int neededCount, int mostCount, WriteManner manner, IParked waiter)
    {
        if (core.SpaceQueue.HasTurn(_ticket))
        {
            core.NoteOutOfSpace(mostCount);
        }

        return Wait(neededCount, manner, waiter);
    }

    /// <summary>Whether mapping again is worth it; after the first time only where all that may be needed is free.</summary>
    private bool TryReturn(int mostCount, bool isFirst) =>
        core.TryReturnSpace(mostCount) && (isFirst || (core.Extents.FreeCount >= mostCount && core.Extents.MetadataHasRoom()));

    private void TellFirstDraw(Volume volume)
    {
        if (_mayDrawEmergency && volume.Reservation is { } reservation && reservation.TakeFirstDraw())
        {
            string name = volume.Record.Name;
            long leftBytes = reservation.EmergencyCount << core.Geometry.ChunkShift;
            core.Health.Raise(PoolEvent.Now(
                PoolEventKinds.EmergencyDrawn, $"the pool is full, and {name} began to live on its emergency reserve: {leftBytes} bytes are left of it") with
            {
                Volume = name,
                FreeBytes = leftBytes,
            });
        }
    }
}
