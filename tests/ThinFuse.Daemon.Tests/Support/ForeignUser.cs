using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>Runs code as another user, on a thread of its own: made by hand, the system call changes that thread alone. Needs root.</summary>
internal static partial class ForeignUser
{
    /// <summary>Nobody in particular.</summary>
    public const uint Id = 65534;

    private const nint Unchanged = -1;

    private static readonly nint SetUsers = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;

    /// <summary>Runs it; what it returns is returned, what it throws is thrown.</summary>
    public static T Run<T>(Func<T> action)
    {
        Task<T> run = Task.Factory.StartNew(
            () =>
            {
                if (SystemCall(SetUsers, Unchanged, (nint)Id, Unchanged) != 0)
                {
                    throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
                }

                try
                {
                    return action();
                }
                finally
                {
                    // A thread that goes back to the runtime is root again.
                    _ = SystemCall(SetUsers, Unchanged, 0, Unchanged);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return run.GetAwaiter().GetResult();
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
