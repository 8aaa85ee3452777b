using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Cli.Engine;

/// <summary>Serves a pool in this process.</summary>
internal interface IDaemonRunner
{
    /// <summary>Serves until the pool is unmounted, a client asks for the end, or <paramref name="stop"/> does.</summary>
    /// <param name="serving">What to serve, where, and how.</param>
    /// <param name="onReady">Called once, when the mount answers requests; told whether it outlives this process.</param>
    /// <param name="stop">Asks for an orderly end.</param>
    void Run(DaemonSettings serving, Action<ServingState> onReady, CancellationToken stop);
}
