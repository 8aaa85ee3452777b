using Microsoft.Extensions.Logging;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>Writes the pool's events to the log while this object lives.</summary>
internal sealed class PoolEventLog : IDisposable
{
    private readonly ThinPool _pool;
    private readonly ILogger _logger;

    /// <summary>Begins.</summary>
    public PoolEventLog(ThinPool pool, ILogger logger)
    {
        _pool = pool;
        _logger = logger;
        pool.Happened += Write;
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Happened -= Write;

    private void Write(PoolEvent happened) => _logger.Log(LevelOf(happened.Kind), "{Kind}: {Message}", happened.Kind, happened.Message);

    private static LogLevel LevelOf(string kind) => kind switch
    {
        PoolEventKinds.PoolFailed or PoolEventKinds.PoolReadOnly => LogLevel.Error,
        PoolEventKinds.NodeFault or PoolEventKinds.OutOfSpace or PoolEventKinds.OriginMissing or PoolEventKinds.LowWater or PoolEventKinds.AutoExtendFailed or PoolEventKinds.MetadataLow => LogLevel.Warning,
        _ => LogLevel.Information,
    };
}
