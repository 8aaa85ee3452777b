using System.Text.Json;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Errors;

/// <summary>Tells errors to the user: one line on stderr each, as text or as JSON, and the exit code to end with.</summary>
internal sealed class ErrorReporter(TextWriter stderr, bool json)
{
    /// <summary>Set to anything, this variable has the whole exception printed below the line.</summary>
    public const string DebugVariable = "THINFUSE_DEBUG";

    /// <summary>What a shell reports for a command that Ctrl-C ended.</summary>
    public const int CancelledExitCode = 130;

    /// <summary>Reports an exception.</summary>
    /// <returns>The exit code.</returns>
    public int Report(Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            return CancelledExitCode;
        }

        int exitCode = Report(ErrorTranslator.Translate(exception));
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(DebugVariable)))
        {
            stderr.WriteLine(exception);
        }

        return exitCode;
    }

    /// <summary>Reports an error that is already in words.</summary>
    /// <returns>The exit code.</returns>
    public int Report(ControlError error)
    {
        ControlError oneLine = error with { Message = ErrorTranslator.OneLine(error.Message) };
        stderr.WriteLine(json
            ? JsonSerializer.Serialize(new ErrorReport(oneLine), CliJsonContext.Default.ErrorReport)
            : $"thinfuse: {oneLine.Message}");
        return oneLine.Kind.ToExitCode();
    }
}
