using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Cli.Engine;

/// <summary>The daemon, with its log on stderr.</summary>
internal sealed class DaemonRunner : IDaemonRunner
{
    /// <inheritdoc/>
    public void Run(DaemonSettings serving, Action onReady, CancellationToken stop)
    {
        using LineLoggerProvider log = new(Console.Error);
        using LoggerFactory loggers = new([log], new LoggerFilterOptions { MinLevel = LogLevel.Information });
        DaemonOptions options = new() { PoolDirectory = serving.PoolDirectory, MountPoint = serving.MountPoint, AllowOther = serving.AllowOther };
        DaemonHost.Run(serving.Threads is { } threads ? options with { Threads = threads } : options, onReady, loggers, stop);
    }
}
