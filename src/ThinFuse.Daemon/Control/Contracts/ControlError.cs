using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The body of every answer that is not a success.</summary>
/// <param name="Kind">What sort of error.</param>
/// <param name="Message">One line: what happened; what to do.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ControlError(ControlErrorKind Kind, string Message);
