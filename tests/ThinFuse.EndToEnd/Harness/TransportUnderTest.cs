namespace ThinFuse.EndToEnd.Harness;

/// <summary>By what transport pools are mounted.</summary>
internal static class TransportUnderTest
{
    private const string Variable = "THINFUSE_TRANSPORT";
    private const string Automatic = "auto";
    private const string Device = "dev";
    private const string Uring = "uring";

    /// <summary>That of tests which leave it open.</summary>
    public static string Default => Given ?? Automatic;

    /// <summary>Those that data is tested over.</summary>
    public static IReadOnlyList<string> Each => Given is { } given ? [given] : [Device, Uring];

    private static string? Given => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => null,
        Automatic => Automatic,
        Device => Device,
        Uring => Uring,
        var other => throw new InvalidOperationException($"{Variable} is '{other}'; auto, dev and uring are known"),
    };

    /// <summary>Skips a test over io_uring where the kernel has none, or has it switched off for others than root.</summary>
    public static void Require(string transport, UringSwitch kernel)
    {
        if (transport == Uring)
        {
            Skip.If(kernel.Obstacle is not null, kernel.Obstacle);
        }
    }
}
