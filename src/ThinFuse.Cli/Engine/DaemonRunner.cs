using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Privileges;

namespace ThinFuse.Cli.Engine;

/// <summary>The daemon, with its log on stderr.</summary>
internal sealed class DaemonRunner : IDaemonRunner
{
    /// <inheritdoc/>
    public void Run(DaemonSettings serving, Action<ServingState> onReady, CancellationToken stop)
    {
        FileModeMask.CloseToOthers();
        using LineLoggerProvider log = new(Console.Error);
        using LoggerFactory loggers = new([log], Filter());
        DaemonOptions options = new()
        {
            PoolDirectory = serving.PoolDirectory,
            MountPoint = serving.MountPoint,
            AllowOther = serving.AllowOther,
            Transport = serving.Transport,
            Supervisor = serving.Supervisor,
            Protection = serving.Protection,
        };
        if (serving.TableMemoryBytes is { } tableMemoryBytes)
        {
            options = options with { TableMemoryBytes = tableMemoryBytes };
        }

        DaemonHost.Run(serving.Threads is { } threads ? options with { Threads = threads } : options, onReady, loggers, stop);
    }

    // The web server tells of every request, which nobody reads and which fills the disk.
    private static LoggerFilterOptions Filter()
    {
        LoggerFilterOptions filter = new() { MinLevel = LogLevel.Information };
        filter.Rules.Add(new LoggerFilterRule(providerName: null, categoryName: "Microsoft", LogLevel.Warning, filter: null));
        return filter;
    }
}
