using System.Globalization;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>The CPUs that the machine may ever have: the kernel has a queue of FUSE requests for each.</summary>
internal static class PossibleCpus
{
    private const string Path = "/sys/devices/system/cpu/possible";

    /// <summary>How many there are.</summary>
    public static int Count => CountIn(File.ReadAllText(Path));

    /// <summary>Counts the members of a list such as <c>0-3,8</c>.</summary>
    public static int CountIn(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            count += int.Parse(ends[^1], CultureInfo.InvariantCulture) - int.Parse(ends[0], CultureInfo.InvariantCulture) + 1;
        }

        return count;
    }
}
