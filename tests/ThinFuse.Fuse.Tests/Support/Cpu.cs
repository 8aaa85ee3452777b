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

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint maskBytes, ulong* mask);
}
