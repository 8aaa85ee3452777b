using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Service;

/// <summary>
/// Tells a service manager, where there is one, when the daemon serves and when it ends, and, as often as it asks, that the engine answers. Thread-safe.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly NotifySocket? _manager;
    private readonly ManualResetEventSlim _ended = new();
    private readonly TimeSpan _pause;
    private readonly Thread? _watchdog;
    private CancellationTokenRegistration _termination;
    private Action? _proveHealth;
    private int _isStopping;

    /// <summary>Says nothing yet.</summary>
    public ServiceNotifier(ServiceEnvironment environment, ILogger logger)
    {
        _manager = environment.Address is { } address ? new NotifySocket(address, logger) : null;
        if (_manager is not null && environment.WatchdogInterval is { } interval)
        {
            // A thread of its own: a check that never returns keeps nobody else waiting, and the manager waiting in vain, as it should.
            _pause = interval / 2;
            _watchdog = new Thread(() => Watch(logger)) { IsBackground = true, Name = "service-watchdog" };
        }
    }

    /// <summary>The notifier that this process's environment asks for.</summary>
    public static ServiceNotifier FromEnvironment(ILogger logger) => new(ServiceEnvironment.Take(), logger);

    /// <summary>The mount serves.</summary>
    /// <param name="status">What the manager shows to people.</param>
    /// <param name="proveHealth">Returns if the daemon works; called on a thread of its own.</param>
    /// <param name="termination">Cancelled when the daemon is asked to end.</param>
    public void Serving(string status, Action proveHealth, CancellationToken termination)
    {
        Volatile.Write(ref _proveHealth, proveHealth);
        _manager?.Send("READY=1", $"STATUS={status}");
        _watchdog?.Start();
        _termination = termination.Register(Stopping);
    }

    /// <summary>The daemon begins to end. From here to <see cref="Dispose"/> it is the manager's time limit for ending that counts.</summary>
    public void Stopping()
    {
        Volatile.Write(ref _proveHealth, null);
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            _manager?.Send("STOPPING=1", "STATUS=writing out");
        }
    }

    /// <summary>Says no more.</summary>
    public void Dispose()
    {
        _termination.Dispose();
        _ended.Set();
        if (_watchdog is { ThreadState: not ThreadState.Unstarted } watchdog && !watchdog.Join(_pause))
        {
            // It is in a check that does not return; the socket stays for it.
            return;
        }

        _manager?.Dispose();
    }

    private void Watch(ILogger logger)
    {
        do
        {
            try
            {
                Volatile.Read(ref _proveHealth)?.Invoke();
                _manager!.Send("WATCHDOG=1");
            }
            catch (Exception failure)
            {
                logger.LogError(failure, "the daemon does not work; the service manager is not told otherwise: {Reason}", failure.Message);
            }
        }
        while (!_ended.Wait(_pause));
    }
}
