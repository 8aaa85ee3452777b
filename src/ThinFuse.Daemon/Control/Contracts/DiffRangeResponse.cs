using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>A range in which two files differ: one line of the answer.</summary>
/// <param name="Offset">Where it begins, bytes.</param>
/// <param name="Length">How long it is, bytes.</param>
/// <param name="Kind">What the later file has there.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record DiffRangeResponse(long Offset, long Length, DiffRangeKind Kind);
