using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Whether a mount outlives this process, and what the restarts so far were like. Thread-safe.</summary>
internal sealed class RestartProtection(ServerLink? supervisor)
{
    private const string RingObstacle =
        "the kernel sends no request again that came over io_uring; --protect serves through /dev/fuse instead, at some cost in speed";

    private const string KernelObstacle = "this kernel cannot send requests again; that takes Linux 6.9 or later";

    /// <summary>Whether a successor goes on when this process dies.</summary>
    public bool IsOn => supervisor is { IsProtected: true };

    /// <summary>How often another process has taken over since the mount.</summary>
    public int Restarts => supervisor?.Order.Restarts ?? 0;

    /// <summary>Whether the last of them was a failed upgrade: what serves is what served before.</summary>
    public bool HasUpgradeFailed => supervisor?.Order.Cause == RestartCause.FailedUpgrade;

    /// <summary>How long nothing was served at the last restart; null when there was none.</summary>
    public TimeSpan? LastPause { get; private set; }

    /// <summary>Why there is no protection although somebody would give it.</summary>
    public static string ObstacleOf(FuseSession session) => session.Transport == FuseTransportKind.Uring ? RingObstacle : KernelObstacle;

    /// <summary>This process, which took over, serves from now on.</summary>
    public void MarkServing()
    {
        if (supervisor is { IsSuccessor: true })
        {
            LastPause = System.Diagnostics.Stopwatch.GetElapsedTime(supervisor.Order.PauseBeganAt);
        }
    }
}
