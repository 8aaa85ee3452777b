using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Where threads run.</summary>
internal static unsafe partial class Cpu
{
    /// <summary>Keeps the calling thread on the machine's first CPU, so that what it asks for comes to that CPU's queue.</summary>
    public static bool TryStayOnFirst()
    {
        ulong mask = 1;
        return SetAffinity(0, sizeof(ulong), &mask) == 0;
    }

    /// <summary>The CPUs that each thread of this process with such a name may run on, as the kernel lists them.</summary>
    /// <param name="namePrefix">What its name begins with.</param>
    public static IReadOnlyList<string> AllowedOf(string namePrefix) =>
        [.. Directory.GetDirectories("/proc/self/task").Where(task => NameOf(task).StartsWith(namePrefix, StringComparison.Ordinal)).Select(AllowedTo)];

    /// <summary>The CPUs that this process was started on.</summary>
    public static string Allowed => AllowedTo($"/proc/self/task/{Environment.ProcessId}");

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            // It has ended since.
            return "";
        }
    }

    private static string AllowedTo(string task) =>
        File.ReadLines(Path.Combine(task, "status")).First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint maskBytes, ulong* mask);
}
