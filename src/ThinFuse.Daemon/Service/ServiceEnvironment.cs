using System.Globalization;

namespace ThinFuse.Daemon.Service;

/// <summary>What a service manager asks of the service that it started, as the environment says.</summary>
/// <param name="Address">Where it listens; null when there is no manager.</param>
/// <param name="WatchdogInterval">How often it wants to hear that the service is alive; null when it does not ask.</param>
internal sealed record ServiceEnvironment(string? Address, TimeSpan? WatchdogInterval)
{
    private const string AddressName = "NOTIFY_SOCKET";
    private const string IntervalName = "WATCHDOG_USEC";
    private const string WatchedName = "WATCHDOG_PID";

    /// <summary>Reads the variables, and removes them, so that they mean nothing to the programs that this process starts.</summary>
    public static ServiceEnvironment Take()
    {
        ServiceEnvironment taken = Parse(Environment.GetEnvironmentVariable, [Environment.ProcessId, ProcessIds.Parent()]);
        foreach (string name in (ReadOnlySpan<string>)[AddressName, IntervalName, WatchedName])
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        return taken;
    }

    /// <summary>Understands the variables.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    /// <param name="watched">Whom the watchdog may mean: this process, and the one that started it and watches over it.</param>
    public static ServiceEnvironment Parse(Func<string, string?> variable, IReadOnlyList<int> watched)
    {
        string? address = variable(AddressName) is { Length: > 1 } given && given[0] is '/' or '@' ? given : null;
        bool isMeant = variable(WatchedName) is not { Length: > 0 } pid
            || (int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && watched.Contains(number));
        bool isAsked = long.TryParse(variable(IntervalName), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0;
        return new ServiceEnvironment(address, address is not null && isMeant && isAsked ? TimeSpan.FromMicroseconds(microseconds) : null);
    }
}
