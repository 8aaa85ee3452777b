using System.Diagnostics;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>A command under way; killed, with what it started, when disposed before its end.</summary>
internal sealed class RunningTool : IDisposable
{
    private readonly Process _process;
    private readonly string _commandLine;
    private readonly TimeSpan _killPatience;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    internal RunningTool(Process process, string commandLine, TimeSpan killPatience)
    {
        _process = process;
        _commandLine = commandLine;
        _killPatience = killPatience;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its process id.</summary>
    public int Pid => _process.Id;

    /// <summary>Waits for the end of the command and of its output.</summary>
    /// <exception cref="TimeoutException">It did not come; the command has been killed.</exception>
    public ToolResult Wait(TimeSpan patience)
    {
        Stopwatch watch = Stopwatch.StartNew();
        if (!_process.WaitForExit(patience))
        {
            Kill();
            throw new TimeoutException($"`{_commandLine}` did not end within {patience.TotalSeconds} s");
        }

        // A process that the command left behind must not hold its output open.
        TimeSpan rest = patience - watch.Elapsed + TimeSpan.FromSeconds(1);
        return Task.WaitAll([_output, _errors], rest)
            ? new ToolResult(_commandLine, _process.ExitCode, _output.Result, _errors.Result)
            : throw new TimeoutException($"`{_commandLine}` ended, but something it started still holds its output open");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit(_killPatience);
    }
}
