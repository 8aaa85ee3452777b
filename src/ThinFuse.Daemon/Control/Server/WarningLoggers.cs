using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Passes on what the web server says from warnings upwards: it would report each request otherwise.</summary>
internal sealed class WarningLoggers(ILoggerFactory loggers) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new WarningLogger(loggers.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    /// <summary>The factory behind this is its owner's.</summary>
    public void Dispose()
    {
    }
}
