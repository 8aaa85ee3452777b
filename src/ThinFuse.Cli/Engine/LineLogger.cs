using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ThinFuse.Cli.Engine;

/// <summary>One source of events: <c>2026-11-24T10:15:00.000Z warning ThinFuse.Pool: no space left</c>, and the exception below where
/// there is one.</summary>
internal sealed class LineLogger(TextWriter writer, string category) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = $"{time} {LevelName(logLevel)} {category}: {formatter(state, exception)}";
        try
        {
            writer.WriteLine(exception is null ? line : $"{line}{Environment.NewLine}{exception}");
        }
        catch (IOException)
        {
            // The log's filesystem is full, or its terminal is gone. That must not take the pool with it, and there is nowhere left to say
            // so.
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Critical => "critical",
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        LogLevel.Information => "info",
        _ => "debug",
    };
}
