using ThinFuse.Daemon.Service;

namespace ThinFuse.Daemon.Tests.Service;

public sealed class ServiceEnvironmentTests
{
    [Theory]
    [InlineData("/run/notify", "3000000", null, "/run/notify", 3000)]
    [InlineData("/run/notify", "3000000", "", "/run/notify", 3000)]
    [InlineData("/run/notify", "3000000", "7", "/run/notify", 3000)]
    [InlineData("/run/notify", "3000000", "8", "/run/notify", 3000)]
    [InlineData("/run/notify", "3000000", "9", "/run/notify", null)]
    [InlineData("/run/notify", "0", null, "/run/notify", null)]
    [InlineData("/run/notify", "soon", null, "/run/notify", null)]
    [InlineData("/run/notify", null, null, "/run/notify", null)]
    [InlineData("@manager", "1000", "7", "@manager", 1)]
    [InlineData("relative", "3000000", null, null, null)]
    [InlineData("", "3000000", null, null, null)]
    [InlineData(null, "3000000", null, null, null)]
    public void It_is_understood(string? socket, string? interval, string? pid, string? address, int? intervalMs)
    {
        Dictionary<string, string?> variables = new() { ["NOTIFY_SOCKET"] = socket, ["WATCHDOG_USEC"] = interval, ["WATCHDOG_PID"] = pid };

        ServiceEnvironment environment = ServiceEnvironment.Parse(variables.GetValueOrDefault, [7, 8]);

        environment.Address.Should().Be(address);
        environment.WatchdogInterval.Should().Be(intervalMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
    }
}
