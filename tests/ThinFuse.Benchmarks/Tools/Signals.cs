using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>Signals to processes that this program started.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    private const int NoSuchProcess = 3;

    /// <summary>Sends one; a process that has ended meanwhile needs none.</summary>
    public static void Send(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0 && Marshal.GetLastPInvokeError() is int errno and not NoSuchProcess)
        {
            throw new Win32Exception(errno);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
