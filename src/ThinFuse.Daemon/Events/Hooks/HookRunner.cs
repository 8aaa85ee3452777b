using System.ComponentModel;
using Microsoft.Extensions.Logging;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>Runs one hook: event after event, each when the one before is done. What waits for it is its place in the stream, no more.</summary>
internal sealed class HookRunner(string hook, EventCursor cursor, HookSettings settings, HookRules rules, ILogger logger)
{
    private const int SignalMask = 0x7F;
    private const int ExitShift = 8;

    private readonly Lock _lock = new();
    private HookProcess? _running;
    private bool _killed;

    private string Name => Path.GetFileName(hook);

    /// <summary>Goes on until told to end; then it runs what waits still, until killed. Throws nothing.</summary>
    public async Task RunAsync(Task end)
    {
        try
        {
            while (true)
            {
                while (!Volatile.Read(ref _killed) && cursor.Take() is { } happened)
                {
                    // A thread of its own: it waits for the program.
                    await Task.Factory.StartNew(
                        () => Handle(happened), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
                }

                if (end.IsCompleted)
                {
                    return;
                }

                await Task.WhenAny(cursor.NewsAsync(), end).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "hook {Hook} runs no more: {Reason}", Name, exception.Message);
        }
    }

    /// <summary>Ends the run under way and starts no other.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            Volatile.Write(ref _killed, true);
            _running?.Kill();
        }
    }

    private void Handle(StreamedEvent happened)
    {
        if (happened.Kind == PoolEventKinds.EventsLost)
        {
            logger.LogWarning("hook {Hook} was too slow: {Line}", Name, System.Text.Encoding.UTF8.GetString(happened.Line.Span).TrimEnd());
            return;
        }

        if (!rules.Allows(hook))
        {
            return;
        }

        try
        {
            using HookProcess? process = Start(happened);
            if (process is not null)
            {
                Watch(process, happened.Kind);
            }
        }
        catch (Win32Exception exception)
        {
            logger.LogWarning("hook {Hook}: {Kind}: it cannot be run: {Reason}", Name, happened.Kind, exception.Message);
        }
    }

    private HookProcess? Start(StreamedEvent happened)
    {
        lock (_lock)
        {
            return _killed ? null : _running = HookProcess.Start(new HookCommand(hook, happened, settings));
        }
    }

    private void Watch(HookProcess process, string kind)
    {
        bool isInTime = process.WaitForEnd(settings.Timeout);
        if (!isInTime)
        {
            process.Kill();
        }

        int? status = process.Reap();
        lock (_lock)
        {
            _running = null;
        }

        if (!isInTime)
        {
            logger.LogWarning("hook {Hook}: {Kind}: killed, for it took longer than {Timeout} s", Name, kind, settings.Timeout.TotalSeconds);
        }
        else if (Volatile.Read(ref _killed) && status != 0)
        {
            logger.LogWarning("hook {Hook}: {Kind}: killed, for the daemon ends", Name, kind);
        }
        else
        {
            Report(kind, status);
        }
    }

    private void Report(string kind, int? status)
    {
        if (status is not { } known)
        {
            logger.LogWarning("hook {Hook}: {Kind}: ended; its exit status is not known", Name, kind);
        }
        else if ((known & SignalMask) != 0)
        {
            logger.LogWarning("hook {Hook}: {Kind}: ended by signal {Signal}", Name, kind, known & SignalMask);
        }
        else
        {
            int exitCode = known >> ExitShift;
            logger.Log(exitCode == 0 ? LogLevel.Information : LogLevel.Warning, "hook {Hook}: {Kind}: exit status {ExitStatus}", Name, kind, exitCode);
        }
    }
}
