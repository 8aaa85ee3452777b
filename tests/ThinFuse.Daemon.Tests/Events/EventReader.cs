using System.Diagnostics;
using System.Text.Json;

namespace ThinFuse.Daemon.Tests.Events;

/// <summary>A program that reads .thinfuse/events, line by line.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    public EventReader(string path, string program = "/usr/bin/cat")
    {
        _process = Process.Start(new ProcessStartInfo(program, [path]) { RedirectStandardOutput = true })!;
        Path = path;
    }

    public string Path { get; }

    public int ProcessId => _process.Id;

    /// <summary>The next line's kind and volume.</summary>
    public async Task<string> NextAsync()
    {
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        JsonElement happened = JsonDocument.Parse(line ?? throw new InvalidOperationException("the stream has ended")).RootElement;
        return $"{happened.GetProperty("kind").GetString()} {happened.GetProperty("volume").GetString()}";
    }

    /// <summary>Waits until it has ended by itself; its exit code.</summary>
    public int WaitForEnd()
    {
        _process.WaitForExit(Patience).Should().BeTrue("the reader must end");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit(Patience).Should().BeTrue("a reader gives way to a signal");
        _process.Dispose();
    }
}
