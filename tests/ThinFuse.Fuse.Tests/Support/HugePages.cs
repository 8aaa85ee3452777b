using System.Globalization;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Huge pages, as the kernel tells of them.</summary>
internal static class HugePages
{
    private const string SwitchPath = "/sys/kernel/mm/transparent_hugepage/enabled";

    /// <summary>Skips the test where the system gives none to those who ask.</summary>
    public static void Require() =>
        Skip.If(!File.Exists(SwitchPath) || File.ReadAllText(SwitchPath).Contains("[never]", StringComparison.Ordinal), "No huge pages here.");

    /// <summary>Skips the test where everything comes in huge pages, asked for or not.</summary>
    public static void RequireChoice()
    {
        Require();
        Skip.If(File.ReadAllText(SwitchPath).Contains("[always]", StringComparison.Ordinal), "All memory comes in huge pages here.");
    }

    /// <summary>How much of the mapping that has this address is in huge pages.</summary>
    public static long KibibytesAt(nint address)
    {
        bool isHere = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split([' ', '-'], 3);
            if (nint.TryParse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint start)
                && nint.TryParse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint end))
            {
                isHere = start <= address && address < end;
            }
            else if (isHere && line.StartsWith("AnonHugePages:", StringComparison.Ordinal))
            {
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
