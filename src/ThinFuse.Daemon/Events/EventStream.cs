using ThinFuse.Daemon.Supervision;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Events;

/// <summary>
/// The last events of a pool, in one ring for all readers: each reader has but a place in it, so memory is bounded whatever readers do, and nobody
/// waits for a slow one. Thread-safe.
/// </summary>
/// <param name="capacity">How many events are kept.</param>
/// <param name="memory">Holds the number of the next event, so that a successor goes on counting; null where there is none.</param>
internal sealed class EventStream(int capacity = EventStream.DefaultCapacity, RestartMemory? memory = null)
{
    /// <summary>How many events a daemon keeps.</summary>
    public const int DefaultCapacity = 1000;

    private readonly Lock _lock = new();
    private readonly StreamedEvent?[] _ring = new StreamedEvent?[capacity];
    private readonly long _first = memory?.NextEvent ?? 1;
    private long _next = memory?.NextEvent ?? 1;
    private TaskCompletionSource? _news;

    /// <summary>Adds an event. Neither blocks nor runs any reader's code, so it may be called wherever events are raised.</summary>
    public void Append(PoolEvent happened)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _ring[_next % capacity] = EventLines.Of(_next, happened);
            _next++;
            if (memory is not null)
            {
                memory.NextEvent = _next;
            }

            waiting = _news;
            _news = null;
        }

        waiting?.SetResult();
    }

    /// <summary>A reader of what is kept, and of all that follows.</summary>
    public EventCursor FromOldest()
    {
        lock (_lock)
        {
            return new EventCursor(this, Oldest);
        }
    }

    /// <summary>A reader of what happens from now on.</summary>
    public EventCursor FromNow()
    {
        lock (_lock)
        {
            return new EventCursor(this, _next);
        }
    }

    /// <summary>A reader that begins with the event of that number.</summary>
    public EventCursor From(long sequence) => new(this, sequence);

    /// <summary>The event of that number, or the oldest that is kept after it; null when it has not happened yet.</summary>
    internal StreamedEvent? Find(long sequence)
    {
        lock (_lock)
        {
            return sequence < _next ? _ring[Math.Max(sequence, Oldest) % capacity] : null;
        }
    }

    /// <summary>Completes when the event of that number has happened; never runs what awaits it on the thread that raised the event.</summary>
    internal Task HappenedAsync(long sequence)
    {
        lock (_lock)
        {
            return sequence < _next
                ? Task.CompletedTask
                : (_news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private long Oldest => Math.Max(_first, _next - capacity);
}
