namespace ThinFuse.Fuse.Tests.Support;

/// <summary>The threads of this process, as the kernel tells of them. Each may end at any moment, and one that was joined is seen until the kernel has taken it apart.</summary>
internal static class OwnThreads
{
    private const string TasksPath = "/proc/self/task";

    /// <summary>How many there are with such a name.</summary>
    /// <param name="namePrefix">What it begins with.</param>
    public static int CountOf(string namePrefix) => Named(namePrefix).Count();

    /// <summary>The CPUs that each thread with such a name may run on.</summary>
    /// <param name="namePrefix">What it begins with.</param>
    public static IReadOnlyList<string> CpusOf(string namePrefix) => [.. Named(namePrefix).Select(CpusOfTask)];

    /// <summary>The CPUs that the process was started on.</summary>
    public static string Cpus => CpusOfTask(Path.Combine(TasksPath, $"{Environment.ProcessId}"));

    private static IEnumerable<string> Named(string prefix) =>
        Directory.GetDirectories(TasksPath).Where(task => Read(task, "comm").StartsWith(prefix, StringComparison.Ordinal));

    private static string CpusOfTask(string task) =>
        Read(task, "status").Split('\n').FirstOrDefault(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal), "");

    private static string Read(string task, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, name));
        }
        catch (IOException)
        {
            // It has ended since.
            return "";
        }
    }
}
