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
    private readonly Task _watch;

    private EventHooks(HookSettings settings, EventStream events, ILogger logger)
    {
        _settings = settings;
        _rules = new HookRules(settings.PoolDirectory, logger);
        _events = events;
        _logger = logger;
        _watch = WatchAsync(events.FromNow());
    }

    /// <summary>Begins with the next event.</summary>
    public static EventHooks Start(HookSettings settings, EventStream events, ILogger logger) => new(settings, events, logger);

    /// <summary>Lets hooks end what they have begun and what waits for them, for a moment, and then kills them.</summary>
    public void Dispose()
    {
        _end.TrySetResult();
        long deadline = Environment.TickCount64 + (long)_settings.EndPatience.TotalMilliseconds;
        if (!_watch.Wait(_settings.EndPatience))
        {
            // It runs programs never and blocks in the file system alone; which runners there are is then not known.
            _logger.LogWarning("hooks: {Directory} does not answer; what runs is left to its time limit", HookRules.DirectoryName);
            return;
        }

        Task all = Task.WhenAll(_runners.Values.Select(runner => runner.Run));
        if (all.Wait(TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64))))
        {
            return;
        }

        foreach ((HookRunner runner, Task _) in _runners.Values)
        {
            runner.Kill();
        }

        // A program that waits in the kernel, for a file that is no more served perhaps, dies later; nothing here depends on it.
        if (!all.Wait(_settings.EndPatience))
        {
            _logger.LogWarning("hooks: a killed hook does not end; leaving it behind");
        }
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
                foreach (string hook in happened.Sequence == 0 ? [] : NewHooks())
                {
                    HookRunner runner = new(hook, _events.From(happened.Sequence), _settings, _rules, _logger);
                    _runners.Add(hook, (runner, runner.RunAsync(_end.Task)));
                }
            }

            if (_end.Task.IsCompleted)
            {
                return;
            }

            await Task.WhenAny(cursor.NewsAsync(), _end.Task).ConfigureAwait(false);
        }
    }

    private IEnumerable<string> NewHooks() => _rules.List().Where(hook => !_runners.ContainsKey(hook)).ToArray();
}
