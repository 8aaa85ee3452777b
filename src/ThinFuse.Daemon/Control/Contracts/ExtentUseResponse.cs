using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What an extent is used for, and by whom.</summary>
/// <param name="Extent">Its number.</param>
/// <param name="Node">Such as n-0.</param>
/// <param name="NodePath">The node's file or device.</param>
/// <param name="NodeOffsetBytes">Where it begins there.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="State">free, owned, waiting or retired.</param>
/// <param name="Layer">The layer that owns it; null when none does.</param>
/// <param name="OffsetBytes">Where in that layer.</param>
/// <param name="Readers">The places of volumes and snapshots that read it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ExtentUseResponse(
    long Extent, string Node, string NodePath, long NodeOffsetBytes, long LengthBytes, string State, long? Layer, long? OffsetBytes,
    IReadOnlyList<ExtentReaderResponse> Readers);
