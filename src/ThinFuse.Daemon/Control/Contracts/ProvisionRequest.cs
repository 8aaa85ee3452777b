namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Promises that a range of a volume can always be overwritten, also after snapshots.</summary>
/// <param name="OffsetBytes">Begin of the range; the chunk it lies in counts whole.</param>
/// <param name="LengthBytes">Its length; null for all up to the volume's end, behind which nothing is promised.</param>
public sealed record ProvisionRequest(long OffsetBytes = 0, long? LengthBytes = null);
