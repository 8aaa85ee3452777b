using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Errors;

/// <summary>An error as scripts see it: <c>{"error":{"kind":...,"message":...}}</c>.</summary>
internal sealed record ErrorReport(ControlError Error);
