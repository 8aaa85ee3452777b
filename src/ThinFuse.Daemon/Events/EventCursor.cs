namespace ThinFuse.Daemon.Events;

/// <summary>A reader's place in the stream. One thread at a time.</summary>
internal sealed class EventCursor(EventStream stream, long next)
{
    private StreamedEvent? _afterLoss;
    private long _next = next;

    /// <summary>Takes the next event; null when all have been taken. Events that are kept no longer are told of as lost, once, in their place.</summary>
    public StreamedEvent? Take()
    {
        if (_afterLoss is { } found)
        {
            _afterLoss = null;
            return found;
        }

        StreamedEvent? taken = stream.Find(_next);
        if (taken is null)
        {
            return null;
        }

        long lost = taken.Sequence - _next;
        _next = taken.Sequence + 1;
        if (lost == 0)
        {
            return taken;
        }

        _afterLoss = taken;
        return EventLines.Lost(lost);
    }

    /// <summary>Completes when <see cref="Take"/> has something to give; the caller goes on on a thread of the pool.</summary>
    public Task NewsAsync() => _afterLoss is null ? stream.HappenedAsync(_next) : Task.CompletedTask;
}
