using ThinFuse.Daemon.Files.Handles;

namespace ThinFuse.Daemon.Events.Files;

/// <summary>An open .thinfuse/events: a stream of lines from the moment of opening. Thread-safe; each byte goes to one of its reads.</summary>
internal sealed class OpenEventFile(EventCursor cursor) : IOpenHandle
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte> _rest;
    private int _isAwaited;

    /// <summary>Completes when reads no longer wait, but say end of file once there is nothing left.</summary>
    public Task Ended => _end.Task;

    /// <summary>Ends it: for the reads that wait, and for those that come.</summary>
    public void End() => _end.TrySetResult();

    /// <summary>Begins to wait; false when somebody does already: only one read waits at a time.</summary>
    public bool TryBeginWait() => Interlocked.Exchange(ref _isAwaited, 1) == 0;

    /// <summary>Waits no more.</summary>
    public void EndWait() => Volatile.Write(ref _isAwaited, 0);

    /// <summary>Whether a read would not wait.</summary>
    public bool IsReadable => Ended.IsCompleted || NewsAsync().IsCompleted;

    /// <summary>Completes when a read would not wait.</summary>
    public Task ChangeAsync() => Task.WhenAny(NewsAsync(), Ended);

    /// <summary>Takes lines, as many whole ones as fit; a line longer than the buffer comes in parts. 0 when there are none.</summary>
    public int Take(Span<byte> buffer)
    {
        int taken = 0;
        lock (_lock)
        {
            while (taken < buffer.Length)
            {
                if (_rest.IsEmpty && cursor.Take() is { } next)
                {
                    _rest = next.Line;
                }

                int length = Math.Min(_rest.Length, buffer.Length - taken);
                if (length == 0 || (taken > 0 && length < _rest.Length))
                {
                    break;
                }

                _rest.Span[..length].CopyTo(buffer[taken..]);
                _rest = _rest[length..];
                taken += length;
            }
        }

        return taken;
    }

    /// <summary>Completes when <see cref="Take"/> may have something to give.</summary>
    public Task NewsAsync()
    {
        lock (_lock)
        {
            return _rest.IsEmpty ? cursor.NewsAsync() : Task.CompletedTask;
        }
    }
}
