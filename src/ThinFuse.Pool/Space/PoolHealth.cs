using Microsoft.Extensions.Logging;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Space;

/// <summary>The pool's mode and the events that tell of its changes. Thread-safe.</summary>
internal sealed class PoolHealth(ILogger logger)
{
    private const string Remedy = "unmount it, mend the cause, run 'thinfuse pool check', and mount again";

    private readonly Lock _lock = new();
    private Exception? _failure;
    private Exception? _loss;
    private bool _outOfSpace;
    private long _freeWhenRefused;

    /// <summary>Keeps on disk that the pool failed, and why, once.</summary>
    public Action<string> Record { get; set; } = static _ => { };

    /// <summary>Raised on engine threads, outside locks; handlers must not block.</summary>
    public event Action<PoolEvent>? Happened;

    /// <summary>Whether anybody hears what is raised.</summary>
    public bool IsHeard => Happened is not null;

    public PoolMode Mode =>
        Volatile.Read(ref _loss) is not null ? PoolMode.Failed
        : HasFailed ? PoolMode.ReadOnly
        : Volatile.Read(ref _outOfSpace) ? PoolMode.OutOfSpace
        : PoolMode.Write;

    /// <summary>Whether changes are refused for good.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw new PoolException(
                PoolErrorKind.Failed, $"the pool stopped accepting changes: {failure.Message}; {Remedy}", failure);
        }
    }

    /// <summary>Refuses reads of a pool that no longer knows where its data is.</summary>
    /// <exception cref="PoolException">Failed.</exception>
    public void ThrowIfUnreadable()
    {
        if (Volatile.Read(ref _loss) is { } loss)
        {
            throw new PoolException(
                PoolErrorKind.Failed, $"the pool no longer knows where its data is: {loss.Message}; {Remedy}", loss);
        }
    }

    /// <summary>
    /// Metadata, or an fsync, could not be written: what is known stays readable, and nothing is acknowledged from here on, nor after the next opening, before the
    /// pool was checked. The first reason stays.
    /// </summary>
    public void Fail(Exception reason)
    {
        if (TrySet(ref _failure, reason))
        {
            logger.LogCritical(reason, "{Kind}: {Message}", PoolEventKinds.PoolReadOnly, reason.Message);
            KeepOnDisk(reason);
            Raise(PoolEventKinds.PoolReadOnly, reason.Message);
        }
    }

    /// <summary>What is in memory of the metadata no longer counts, so that not even reads can be trusted. The first reason stays.</summary>
    public void Lose(Exception reason)
    {
        if (TrySet(ref _failure, reason))
        {
            KeepOnDisk(reason);
        }

        if (TrySet(ref _loss, reason))
        {
            logger.LogCritical(reason, "{Kind}: {Message}", PoolEventKinds.PoolFailed, reason.Message);
            Raise(PoolEventKinds.PoolFailed, reason.Message);
        }
    }

    /// <summary>A journal without a spare segment refuses and changes nothing, and a checkpoint gives it room; any other failure of it is for good.</summary>
    /// <param name="error">What append threw.</param>
    /// <param name="journalHasFailed">Whether the journal itself says that it is over.</param>
    public void NoteJournalError(Exception error, bool journalHasFailed)
    {
        if (!journalHasFailed && error is StorageException { IsNoSpace: true })
        {
            Raise(PoolEventKinds.MetadataLow, $"the host filesystem has no room for the pool's metadata: {error.Message}");
        }
        else
        {
            Fail(error);
        }
    }

    /// <summary>A write was refused while so many extents were free; the mode ends when there are more.</summary>
    public void NoteOutOfSpace(string reason, long freeCount)
    {
        lock (_lock)
        {
            // Of several refused at once, the last to ask may see extents that the others were about to give back.
            _freeWhenRefused = _outOfSpace ? Math.Max(_freeWhenRefused, freeCount) : freeCount;
            if (_outOfSpace)
            {
                return;
            }

            _outOfSpace = true;
        }

        Raise(PoolEventKinds.OutOfSpace, reason);
    }

    /// <summary>Ends out_of_space because a write got new space on a host that had been full.</summary>
    public void NoteHostTakes()
    {
        lock (_lock)
        {
            if (!_outOfSpace)
            {
                return;
            }

            _outOfSpace = false;
        }

        Raise(PoolEventKinds.SpaceReturned, "the filesystem that holds the pool's nodes has room again");
    }

    /// <summary>Ends out_of_space when more is free than when it was declared.</summary>
    public void NoteFree(long freeCount)
    {
        if (!Volatile.Read(ref _outOfSpace))
        {
            return;
        }

        lock (_lock)
        {
            if (!_outOfSpace || freeCount <= _freeWhenRefused)
            {
                return;
            }

            _outOfSpace = false;
        }

        Raise(PoolEventKinds.SpaceReturned, $"{freeCount} extents are free again");
    }

    private void KeepOnDisk(Exception reason)
    {
        try
        {
            Record(reason.Message);
        }
        catch (StorageException e)
        {
            // The next opening finds out by itself what is durable, and nothing more can be done here.
            logger.LogError(e, "that the pool needs a check could not be put on record: {Message}", e.Message);
        }
    }

    private bool TrySet(ref Exception? place, Exception reason)
    {
        lock (_lock)
        {
            bool isFirst = place is null;
            Volatile.Write(ref place, place ?? reason);
            return isFirst;
        }
    }

    public void Raise(string kind, string message) => Raise(PoolEvent.Now(kind, message));

    public void Raise(PoolEvent happened) => Happened?.Invoke(happened);
}
