using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Waits for the end of a process that is no child of this one: the kernel says when it comes (pidfd), nobody asks again and again.</summary>
internal sealed class ProcessEnd : IDisposable
{
    private readonly SafeFileHandle _process;

    private ProcessEnd(int descriptor) => _process = new SafeFileHandle(descriptor, ownsHandle: true);

    /// <summary>Of a process; null when it is gone already.</summary>
    public static ProcessEnd? TryOf(int pid)
    {
        int descriptor = (int)Posix.OpenProcess(Posix.PidfdOpen, pid, 0);
        int errno = Marshal.GetLastPInvokeError();
        return descriptor >= 0 ? new ProcessEnd(descriptor)
            : errno == Errno.ESRCH ? null
            : throw new IOException($"pidfd_open {pid}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    /// <summary>Waits; false when the time is up.</summary>
    public unsafe bool Wait(TimeSpan patience)
    {
        Posix.PollRequest request = new() { Descriptor = (int)_process.DangerousGetHandle(), Wanted = Posix.PollInput };
        return Posix.Poll(&request, 1, (int)patience.TotalMilliseconds) == 1;
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
