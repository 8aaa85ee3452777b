using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>
/// Runs the programs in the pool's hooks.d for each event, while this object lives: each program gets all events in order, one at a time, and none waits for
/// another. The pool waits for none of them.
/// </summary>
internal sealed class EventHooks : IDisposable
{
    private readonly HookSettings _settings;
    private readonly HookRules _rules;
    private readonly EventStream _events;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, (HookRunner Runner, Task Run)> _runners = [];
    private readonly Lock _lock = new();
    private readonly Task _watch;
    private bool _isKilled;

    private EventHooks(HookSettings settings, EventStream events, ILogger logger)
    {
        _settings = settings;
        _rules = new HookRules(settings.PoolDirectory, logger);
        _events = events;
        _logger = logger;
        _watch = WatchAsync(events.FromOldest());
    }

    /// <summary>Begins with the oldest event that is kept.</summary>
    public static EventHooks Start(HookSettings settings, EventStream events, ILogger logger) => new(settings, events, logger);

    /// <summary>Lets hooks end what they have begun and what waits for them, for a moment, and then kills them.</summary>
    public void Dispose()
    {
        _end.TrySetResult();
        Task end = EndAsync();
        if (end.Wait(_settings.EndPatience))
        {
            return;
        }

        lock (_lock)
        {
            _isKilled = true;
            foreach ((HookRunner runner, Task _) in _runners.Values)
            {
                runner.Kill();
            }
        }

        // A program that waits in the kernel, for a file that is no more served perhaps, dies later; nothing here depends on it.
        if (!end.Wait(_settings.EndPatience))
        {
            _logger.LogWarning("hooks: a killed hook does not end; leaving it behind");
        }
    }

    /// <summary>Completes when no hook runs and none will.</summary>
    private async Task EndAsync()
    {
        await _watch.ConfigureAwait(false);
        Task[] runs;
        lock (_lock)
        {
            runs = [.. _runners.Values.Select(runner => runner.Run)];
        }

        await Task.WhenAll(runs).ConfigureAwait(false);
    }

    private async Task WatchAsync(EventCursor cursor)
    {
        try
        {
            await WatchUntilEndAsync(cursor).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "hooks: new ones are not seen any more: {Reason}", exception.Message);
        }
    }

    /// <summary>Sees to it that each hook there is has a runner that begins with the first event it was there for.</summary>
    private async Task WatchUntilEndAsync(EventCursor cursor)
    {
        while (true)
        {
            while (cursor.Take() is { } happened)
            {
                if (happened.Sequence != 0)
                {
                    AddRunners(happened.Sequence);
                }
            }

            if (_end.Task.IsCompleted)
            {
                return;
            }

            await Task.WhenAny(cursor.NewsAsync(), _end.Task).ConfigureAwait(false);
        }
    }

    private void AddRunners(long firstSequence)
    {
        IReadOnlyList<string> hooks = _rules.List();
        lock (_lock)
        {
            foreach (string hook in _isKilled ? [] : hooks.Where(hook => !_runners.ContainsKey(hook)).ToArray())
            {
                HookRunner runner = new(hook, _events.From(firstSequence), _settings, _rules, _logger);
                _runners.Add(hook, (runner, runner.RunAsync(_end.Task)));
            }
        }
    }
}
