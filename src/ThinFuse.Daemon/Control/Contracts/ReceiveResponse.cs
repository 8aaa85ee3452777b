using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>A snapshot that is being received, or is there already.</summary>
/// <param name="Name">The file in the mount to write into; of one that is there already, the snapshot.</param>
/// <param name="Snapshot">The snapshot that it will be.</param>
/// <param name="Token">What to resume with.</param>
/// <param name="KeptBytes">The offset before which everything has arrived.</param>
/// <param name="IsComplete">Whether the target has this snapshot already: there is nothing to write.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ReceiveResponse(string Name, string Snapshot, string Token, long KeptBytes, bool IsComplete);
