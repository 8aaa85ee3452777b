using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>Another process, held by a pidfd: its end is seen even if nobody reaps it, and its number can never come to mean another
/// one.</summary>
internal sealed partial class ProcessHandle : IDisposable
{
    /// <summary>The signal that asks a process to end.</summary>
    public const int Terminate = 15;

    /// <summary>The signal that ends it.</summary>
    public const int Kill = 9;

    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;
    private const short PollIn = 1;
    private const int PollSliceMs = 200;

    private readonly int _descriptor;

    private ProcessHandle(int descriptor) => _descriptor = descriptor;

    /// <summary>Takes hold of a process; null when it has ended.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static ProcessHandle? TryOpen(int pid)
    {
        int descriptor = (int)SystemCall(PidfdOpen, pid, 0);
        if (descriptor >= 0)
        {
            return new ProcessHandle(descriptor);
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == Posix.ESRCH ? null : throw new Win32Exception(errno);
    }

    /// <summary>Sends it a signal; fine when it has ended.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public void Signal(int signal)
    {
        if (SystemCall(PidfdSendSignal, _descriptor, signal, 0, 0) < 0 && Marshal.GetLastPInvokeError() is int errno and not Posix.ESRCH)
        {
            throw new Win32Exception(errno);
        }
    }

    /// <summary>Waits for the end of the process.</summary>
    /// <returns>Whether it ended in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        bool ended = await Task.Run(() => Poll(limit.Token), CancellationToken.None).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return ended;
    }

    /// <inheritdoc/>
    public void Dispose() => Posix.Close(_descriptor);

    // poll(2) wakes at once when the process ends; the slice only bounds how late a cancellation is seen.
    private bool Poll(CancellationToken stop)
    {
        PollRequest request = new() { Descriptor = _descriptor, Events = PollIn };
        while (!stop.IsCancellationRequested)
        {
            int ready = Poll(ref request, 1, PollSliceMs);
            if (ready > 0)
            {
                return true;
            }

            int errno = ready < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno is not 0 and not Posix.EINTR)
            {
                throw new Win32Exception(errno);
            }
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long first, long second);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest request, ulong count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
