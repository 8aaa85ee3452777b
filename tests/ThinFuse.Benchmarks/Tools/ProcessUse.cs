using System.Globalization;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>What a process has used, from /proc.</summary>
internal static class ProcessUse
{
    // What times are counted in here: USER_HZ, which is 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;
    private const int UserTimeField = 11;

    /// <summary>CPU seconds, user and system, of processes together.</summary>
    public static double CpuSeconds(IEnumerable<int> processIds) => processIds.Sum(CpuSeconds);

    /// <summary>Resident memory in bytes.</summary>
    public static long ResidentBytes(int processId) => StatusKibibytes(processId, "VmRSS:") << 10;

    /// <summary>Resident memory that belongs to no file, in bytes: without the pages of mapped libraries.</summary>
    public static long AnonymousBytes(int processId) => StatusKibibytes(processId, "RssAnon:") << 10;

    private static double CpuSeconds(int processId)
    {
        string line = File.ReadAllText($"/proc/{processId}/stat");

        // The program's name, in parentheses, may hold anything; what follows it does not.
        string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[UserTimeField], CultureInfo.InvariantCulture)
            + double.Parse(fields[UserTimeField + 1], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static long StatusKibibytes(int processId, string field)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
