namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>The ways that requests reach a server.</summary>
internal static class Transports
{
    public const string Device = "dev";
    public const string Uring = "uring";

    private const string UringParameter = "/sys/module/fuse/parameters/enable_uring";

    /// <summary>Why a transport cannot be used here; null when it can.</summary>
    public static string? WhyNot(string transport)
    {
        if (transport != Uring)
        {
            return null;
        }

        if (!File.Exists(UringParameter))
        {
            return "this kernel's fuse knows no io_uring";
        }

        return File.ReadAllText(UringParameter).Trim() is "Y" or "1" ? null : $"{UringParameter} is off; as root: echo Y > {UringParameter}";
    }

    /// <summary>Command line options that choose it.</summary>
    public static IEnumerable<string> OptionsFor(string transport) => ["--transport", transport];
}
