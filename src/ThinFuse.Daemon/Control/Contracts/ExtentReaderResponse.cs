using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>A part of a volume or snapshot that reads from an extent.</summary>
/// <param name="Volume">Its name.</param>
/// <param name="OffsetBytes">Where the part begins in it.</param>
/// <param name="LengthBytes">How long the part is.</param>
/// <param name="NodeOffsetBytes">Where the part begins on the node.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ExtentReaderResponse(string Volume, long OffsetBytes, long LengthBytes, long NodeOffsetBytes);
