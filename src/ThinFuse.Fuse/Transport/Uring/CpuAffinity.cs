using ThinFuse.Fuse.Native;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>The CPUs of the machine, as far as FUSE's queues are about them: the kernel has one for each that may ever be there.</summary>
internal static unsafe class CpuAffinity
{
    private const string PossiblePath = "/sys/devices/system/cpu/possible";
    private const int MaskWords = 128;
    private const int WordBits = 64;

    /// <summary>How many queues the kernel has: one per CPU that may ever be there.</summary>
    public static int PossibleCount => Count(File.ReadAllText(PossiblePath));

    /// <summary>Counts the members of a list such as <c>0-3,8</c>.</summary>
    public static int Count(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            count += int.Parse(ends[^1], System.Globalization.CultureInfo.InvariantCulture)
                - int.Parse(ends[0], System.Globalization.CultureInfo.InvariantCulture) + 1;
        }

        return count;
    }

    /// <summary>
    /// Keeps the calling thread on a CPU, where the callers of its queue run. Where that is not allowed, or the CPU is off, the thread runs anywhere:
    /// slower, but as well.
    /// </summary>
    public static bool TryPin(int cpu)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        mask[cpu / WordBits] = 1UL << (cpu % WordBits);
        return Libc.SetAffinity(0, MaskWords * sizeof(ulong), mask) == 0;
    }
}
