namespace ThinFuse.Pool.Transfer.Receiving;

/// <summary>A snapshot that is being received, or is there already.</summary>
/// <param name="Name">The file to write into; of one that is there already, the snapshot.</param>
/// <param name="Snapshot">The snapshot that it will be.</param>
/// <param name="Token">Says what has arrived so far.</param>
/// <param name="IsComplete">Whether the target has this snapshot already: there is nothing to write.</param>
public sealed record ReceiveInfo(string Name, string Snapshot, ResumeToken Token, bool IsComplete);
