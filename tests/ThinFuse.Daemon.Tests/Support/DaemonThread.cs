using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A daemon on a thread of this process.</summary>
public sealed class DaemonThread
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _run;

    private DaemonThread(DaemonOptions options, ILoggerFactory loggers) =>
        _run = Task.Factory.StartNew(
            () => DaemonHost.Run(options, _ => _ready.SetResult(), loggers, _cancellation.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    public bool HasEnded => _run.IsCompleted;

    /// <summary>Starts one, and returns when it serves; throws what it threw instead.</summary>
    public static DaemonThread Start(DaemonOptions options, ILoggerFactory loggers, TimeSpan patience)
    {
        DaemonThread daemon = new(options, loggers);
        if (Task.WaitAny([daemon._run, daemon._ready.Task], patience) < 0)
        {
            throw new TimeoutException("the daemon neither serves nor ends");
        }

        if (!daemon._ready.Task.IsCompleted)
        {
            daemon._run.GetAwaiter().GetResult();
            throw new InvalidOperationException("the daemon ended before it served");
        }

        return daemon;
    }

    public void Cancel() => _cancellation.Cancel();

    public void Join(TimeSpan patience)
    {
        if (Task.WaitAny([_run], patience) < 0)
        {
            throw new TimeoutException("the daemon does not end");
        }

        _cancellation.Dispose();
        _run.GetAwaiter().GetResult();
    }
}
