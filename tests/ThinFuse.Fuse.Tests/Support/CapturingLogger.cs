using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Keeps what was logged.</summary>
internal sealed class CapturingLogger : ILogger
{
    private readonly SemaphoreSlim _arrived = new(0);

    public ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Entries { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Entries.Enqueue((logLevel, formatter(state, exception), exception));
        _arrived.Release();
    }

    /// <summary>Waits until something has been logged that was not waited for before.</summary>
    public void WaitForEntry() => _arrived.Wait(FakeKernel.PatienceMs).Should().BeTrue("something was to be logged");
}
