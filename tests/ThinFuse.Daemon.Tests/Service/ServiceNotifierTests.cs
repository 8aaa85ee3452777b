using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Daemon.Service;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Service;

public sealed class ServiceNotifierTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly FakeServiceManager _manager = new();
    private readonly CancellationTokenSource _termination = new();
    private readonly RecordingLoggers _log = new();

    public void Dispose()
    {
        _manager.Dispose();
        _termination.Dispose();
    }

    [Fact]
    public void It_tells_when_the_daemon_serves_and_when_it_is_asked_to_end()
    {
        using ServiceNotifier service = Notifier(null);
        service.Serving("serving a on b", () => throw new InvalidOperationException("nobody asked"), _termination.Token);
        _manager.Receive().Should().Be("READY=1\nSTATUS=serving a on b");

        _termination.Cancel();
        _manager.Receive().Should().Be("STOPPING=1\nSTATUS=writing out");

        service.Stopping();
        service.Dispose();
        _manager.Receive(TimeSpan.Zero).Should().BeNull("it was said once");
    }

    [Fact]
    public void It_says_that_the_daemon_is_alive_after_each_check_and_no_more_while_one_hangs()
    {
        using SemaphoreSlim allowed = new(2);
        using SemaphoreSlim begun = new(0);
        using (ServiceNotifier service = Notifier(Interval))
        {
            service.Serving(
                "serving",
                () =>
                {
                    begun.Release();
                    allowed.Wait();
                },
                _termination.Token);
            _manager.Receive().Should().StartWith("READY=1");
            _manager.Receive().Should().Be("WATCHDOG=1");
            _manager.Receive().Should().Be("WATCHDOG=1");
            for (int i = 0; i < 3; i++)
            {
                begun.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue();
            }

            _manager.Receive(10 * Interval).Should().BeNull("the third check hangs");

            allowed.Release(1000);
            _manager.Receive().Should().Be("WATCHDOG=1");
        }
    }

    [Fact]
    public void A_check_that_fails_is_logged_and_not_reported_as_life()
    {
        using ManualResetEventSlim failed = new();
        int checks = 0;
        using ServiceNotifier service = Notifier(Interval);
        service.Serving(
            "serving",
            () =>
            {
                if (Interlocked.Increment(ref checks) == 3)
                {
                    failed.Set();
                }

                throw new TimeoutException("nothing goes on");
            },
            _termination.Token);
        _manager.Receive().Should().StartWith("READY=1");

        failed.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue();

        _manager.Receive(TimeSpan.Zero).Should().BeNull();
        _log.Lines.Should().Contain(line => line.Text.Contains("nothing goes on", StringComparison.Ordinal));
    }

    [Fact]
    public void While_the_daemon_ends_the_engine_is_not_asked_any_more()
    {
        using ServiceNotifier service = Notifier(Interval);
        service.Serving("serving", () => { }, _termination.Token);
        service.Stopping();
        string message;
        do
        {
            message = _manager.Receive();
        }
        while (!message.StartsWith("STOPPING=1", StringComparison.Ordinal));

        _manager.Receive().Should().Be("WATCHDOG=1", "the time limit for ending counts now");
    }

    [Fact]
    public void Without_a_manager_nothing_happens()
    {
        using ServiceNotifier service = new(new ServiceEnvironment(null, Interval), NullLogger.Instance);
        service.Serving("serving", () => throw new InvalidOperationException("nobody asked"), _termination.Token);
        service.Stopping();
    }

    [Fact]
    public void A_manager_that_is_gone_is_logged_and_holds_nothing_up()
    {
        using ServiceNotifier service = Notifier(null);
        _manager.Leave();

        service.Serving("serving", () => { }, _termination.Token);

        _log.Lines.Should().Contain(line => line.Text.StartsWith("the service manager was not told READY=1", StringComparison.Ordinal));
    }

    private ServiceNotifier Notifier(TimeSpan? interval) =>
        new(new ServiceEnvironment(_manager.Address, interval), _log.CreateLogger("ThinFuse.Daemon"));
}
