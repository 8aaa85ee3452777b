using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Hosting;

/// <summary>What the process as a whole needs to be a good storage daemon.</summary>
internal static partial class ProcessSettings
{
    /// <summary>
    /// Fewer pool threads stall the exception table's background work, which blocks some of them; and parked writes go on from the pool.
    /// </summary>
    private const int MinPoolThreads = 16;

    private const int SetIoFlusher = 57;
    private const int NotPermitted = 1;
    private const int NotKnown = 22;

    /// <summary>Applies them; safe to call again.</summary>
    public static void Apply(ILogger logger)
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, MinPoolThreads), completions);

        // Filesystems above wait for this process: its own memory allocations must not wait for them. Needs CAP_SYS_RESOURCE.
        if (ProcessControl(SetIoFlusher, 1, 0, 0, 0) < 0 && Marshal.GetLastPInvokeError() is int errno and not (NotPermitted or NotKnown))
        {
            logger.LogWarning("prctl(PR_SET_IO_FLUSHER): {Reason}", Marshal.GetPInvokeErrorMessage(errno));
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
