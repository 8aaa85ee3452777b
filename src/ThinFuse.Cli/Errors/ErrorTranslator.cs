using System.ComponentModel;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Errors;

/// <summary>Puts any exception into a kind and one line.</summary>
internal static class ErrorTranslator
{
    public static ControlError Translate(Exception exception) => exception switch
    {
        CommandFailure e => new ControlError(e.Kind, OneLine(e.Message)),
        ControlException e => new ControlError(e.Kind, OneLine(e.Message)),

        // What the operating system says about a path or a program is the whole story; a Win32Exception carries an errno.
        IOException or UnauthorizedAccessException or Win32Exception => new ControlError(ControlErrorKind.Failed, OneLine(exception.Message)),
        _ => new ControlError(
            ControlErrorKind.Failed,
            OneLine($"unexpected error: {exception.Message} ({exception.GetType().Name}); set {ErrorReporter.DebugVariable}=1 to see where")),
    };

    public static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
