using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Wire;
using static ThinFuse.Daemon.Events.Hooks.HookLibc;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>One run of a hook: a session and process group of its own, watched by a descriptor that can never come to mean another process.</summary>
internal sealed class HookProcess : IDisposable
{
    private const nint PidfdOpen = 434;
    private const short PollIn = 1;

    private readonly Lock _lock = new();
    private readonly int _pid;
    private readonly SafeFileHandle _watched;
    private bool _reaped;

    private HookProcess(int pid, SafeFileHandle watched)
    {
        _pid = pid;
        _watched = watched;
    }

    /// <summary>Starts a hook.</summary>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static HookProcess Start(HookCommand command)
    {
        int pid = command.Spawn();
        int watched = (int)SystemCall(PidfdOpen, pid, 0);
        HookProcess process = new(pid, new SafeFileHandle(watched, ownsHandle: true));
        if (watched >= 0)
        {
            return process;
        }

        Win32Exception failure = new(Marshal.GetLastPInvokeError());
        process.Kill();
        process.Reap();
        throw failure;
    }

    /// <summary>Waits for its end; false when it has not come when the time is up.</summary>
    public bool WaitForEnd(TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        PollRequest request = new() { Descriptor = (int)_watched.DangerousGetHandle(), Events = PollIn };
        while (true)
        {
            int ready = Poll(ref request, 1, (int)Math.Max(0, deadline - Environment.TickCount64));
            int errno = ready < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno is not (0 or FuseErrno.EINTR))
            {
                throw new Win32Exception(errno);
            }

            if (errno == 0)
            {
                return ready > 0;
            }
        }
    }

    /// <summary>Ends it and all of its process group, unless it has been reaped. Thread-safe.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (!_reaped)
            {
                // Its number stays its own until it is reaped. No such group: it has ended, and nothing of it is left.
                _ = HookLibc.Kill(-_pid, KillSignal);
            }
        }
    }

    /// <summary>Waits for its end, which Kill brings about at once, and takes its status as waitpid(2) gives it; null when somebody else took it.</summary>
    public int? Reap()
    {
        // Outside the lock until it has ended: Kill must get through.
        if (!_watched.IsInvalid)
        {
            WaitForEnd(TimeSpan.FromMilliseconds(int.MaxValue));
        }

        lock (_lock)
        {
            int reaped;
            int status;
            do
            {
                reaped = Wait(_pid, out status, 0);
            }
            while (reaped < 0 && Marshal.GetLastPInvokeError() == FuseErrno.EINTR);
            _reaped = true;
            return reaped == _pid ? status : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watched.Dispose();
}
