using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Daemon.Control.Client;

/// <summary>The daemon refused a request, or could not be asked.</summary>
/// <param name="kind">What sort of error.</param>
/// <param name="message">One line: what happened; what to do.</param>
/// <param name="inner">The cause, where there is one on this side.</param>
public sealed class ControlException(ControlErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What sort of error.</summary>
    public ControlErrorKind Kind { get; } = kind;
}
