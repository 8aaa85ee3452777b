using Microsoft.Extensions.Logging;

namespace ThinFuse.Cli.Engine;

/// <summary>Writes each event as a line, at once: what was logged before the process dies is in the log.</summary>
/// <param name="writer">Where to; thread-safe, as the console's writers are.</param>
internal sealed class LineLoggerProvider(TextWriter writer) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(writer, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The writer belongs to the caller, and nothing is buffered.
    }
}
