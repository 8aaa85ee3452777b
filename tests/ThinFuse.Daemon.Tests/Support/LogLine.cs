using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A line that was logged.</summary>
public sealed record LogLine(string Category, LogLevel Level, string Text);
