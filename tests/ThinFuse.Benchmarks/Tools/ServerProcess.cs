using System.Diagnostics;
using System.Text;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>A server of ours in the background; ended, by its own id, when disposed. Its output goes to a log file.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly string _program;

    private ServerProcess(string program, Process process)
    {
        _program = program;
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a program in a session of its own, so that Ctrl-C reaches it only through us.</summary>
    public static ServerProcess Start(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("setsid", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new ServerProcess(program, Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Waits until something is so.</summary>
    /// <exception cref="InvalidOperationException">The server ended, or the time was up; the message holds what it said.</exception>
    public void WaitUntil(Func<bool> isReady, CancellationToken cancel) => Wait.Until(
        () => !_process.HasExited
            ? isReady()
            : throw new InvalidOperationException($"{_program} ended with {_process.ExitCode}: {Said()}"),
        $"{_program} to serve", cancel);

    /// <summary>Waits for its end, such as after an unmount; ends it when it does not.</summary>
    public void Dispose()
    {
        if (!_process.WaitForExit(EndPatience))
        {
            Console.Error.WriteLine($"{_program} (pid {Id}) does not end; ending it");
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>Asks it to end with SIGTERM.</summary>
    public void Terminate()
    {
        if (!_process.HasExited)
        {
            Signals.Send(Id, Signals.Terminate);
        }
    }

    private void Note(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }

    private string Said()
    {
        lock (_said)
        {
            return _said.ToString().Trim();
        }
    }
}
