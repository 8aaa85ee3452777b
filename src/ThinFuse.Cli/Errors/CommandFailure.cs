using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Errors;

/// <summary>A command cannot do what it was asked to. The user sees the message as one line, and the exit code of the kind.</summary>
/// <param name="kind">What sort of error.</param>
/// <param name="message">What happened; what to do.</param>
/// <param name="inner">The cause, shown when details are asked for.</param>
internal sealed class CommandFailure(ControlErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ControlErrorKind Kind { get; } = kind;
}
