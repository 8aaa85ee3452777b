using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;

namespace ThinFuse.Daemon.Events.Files;

/// <summary>
/// Wakes those who poll an open .thinfuse/events when there is something to read. Whom it is to wake lies in the restart memory: the kernel asks nobody again
/// by itself, so that a successor has those ask who wait since before it. Thread-safe.
/// </summary>
internal sealed class EventPolls(RestartMemory memory)
{
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _awaited = [];
    private FuseNotifier? _notifier;

    /// <summary>Begins to serve: those who waited for a process before this one ask again.</summary>
    public void Begin(FuseNotifier notifier)
    {
        _notifier = notifier;
        for (int slot = 0; slot < RestartMemory.PollCount; slot++)
        {
            if (memory.Polls[slot] is not 0 and var left)
            {
                memory.Polls[slot] = 0;
                notifier.WakePollers(left);
            }
        }
    }

    /// <summary>Has those who wait woken once, when there is news or the file has ended.</summary>
    /// <param name="wakeHandle">Whom.</param>
    /// <param name="file">What they wait for; it may be readable by now.</param>
    public void WakeFor(ulong wakeHandle, OpenEventFile file)
    {
        lock (_lock)
        {
            if (!_awaited.Add(wakeHandle))
            {
                return;
            }

            Replace(0, wakeHandle);
        }

        _ = WakeAsync(wakeHandle, file.ChangeAsync());
    }

    private async Task WakeAsync(ulong wakeHandle, Task change)
    {
        await change.ConfigureAwait(false);
        lock (_lock)
        {
            // First: who is woken asks, and wants to be woken again.
            _awaited.Remove(wakeHandle);
            Replace(wakeHandle, 0);
        }

        _notifier?.WakePollers(wakeHandle);
    }

    /// <summary>Where all slots are taken, by files that were closed since, nothing is remembered.</summary>
    private void Replace(ulong before, ulong after)
    {
        int slot = memory.Polls.IndexOf(before);
        if (slot >= 0)
        {
            memory.Polls[slot] = after;
        }
    }
}
