using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.ExceptionServices;

namespace ThinFuse.Daemon.Privileges;

/// <summary>Starts daemons without what they never need, so that no thread of theirs, and no program that they start, ever has it.</summary>
/// <remarks>
/// <para>
/// Capabilities belong to threads, and a .NET process has several before it runs code of ours: given up later, they would stay with the others. The bounding
/// set of the thread that starts the program bounds all of it from its birth on.
/// </para>
/// <para>
/// What stays: CAP_SYS_ADMIN, since mount(2) and umount2(2) need it; CAP_SYS_RESOURCE for PR_SET_IO_FLUSHER and the reserved blocks of the host's
/// filesystem; CAP_IPC_LOCK for rings on kernels that count their memory; and what hooks, which run with the daemon's rights, need to be root to files
/// and to become other users.
/// </para>
/// <para>
/// No-new-privileges is set for root, who needs no set-user-id program. For others it would take from fusermount3 the right to mount and unmount,
/// and they have no capabilities to lose.
/// </para>
/// </remarks>
public static partial class DaemonPrivileges
{
    private const int DropFromBoundingSet = 24;
    private const int SetNoNewPrivileges = 38;
    private const int InvalidArgument = 22;
    private const int NotPermitted = 1;

    /// <summary>The capabilities that a daemon of root keeps, a bit for each number.</summary>
    public const ulong Kept =
        1UL << 0 // CAP_CHOWN
        | 1UL << 1 // CAP_DAC_OVERRIDE
        | 1UL << 2 // CAP_DAC_READ_SEARCH
        | 1UL << 3 // CAP_FOWNER
        | 1UL << 5 // CAP_KILL
        | 1UL << 6 // CAP_SETGID
        | 1UL << 7 // CAP_SETUID
        | 1UL << 14 // CAP_IPC_LOCK
        | 1UL << 21 // CAP_SYS_ADMIN
        | 1UL << 24; // CAP_SYS_RESOURCE

    /// <summary>Starts a program that has no capabilities but <see cref="Kept"/>, and as root no way to any other; as another user, just starts it.</summary>
    /// <returns>The process, as <see cref="Process.Start(ProcessStartInfo)"/> does.</returns>
    /// <exception cref="Win32Exception">It cannot be started, or the kernel refuses to take something from it.</exception>
    public static Process? Start(ProcessStartInfo program)
    {
        Process? process = null;
        ExceptionDispatchInfo? failure = null;

        // The thread ends with what it gave up; this process keeps all it has.
        Thread starter = new(() =>
        {
            try
            {
                GiveUp();
                process = Process.Start(program);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        starter.Start();
        starter.Join();
        failure?.Throw();
        return process;
    }

    private static void GiveUp()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        for (int capability = 0; capability < sizeof(ulong) * 8; capability++)
        {
            if ((Kept >> capability & 1) == 0 && ProcessControl(DropFromBoundingSet, (nuint)capability, 0, 0, 0) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();

                // The kernel knows no more than those before; or this is a root without CAP_SETPCAP, as in a container, bounded by whoever made it.
                if (errno is InvalidArgument or NotPermitted)
                {
                    break;
                }

                throw new Win32Exception(errno);
            }
        }

        if (ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
