using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Space.Reservations;

/// <summary>What was promised to a volume, as the metadata says it.</summary>
/// <param name="Policy">Its reserve policy.</param>
/// <param name="Provisioned">Chunks that can always be overwritten, whatever the policy; none lies behind the volume's end.</param>
internal sealed record VolumePromise(ReservePolicy Policy, ChunkRanges Provisioned)
{
    public static readonly VolumePromise None = new(ReservePolicy.None, ChunkRanges.Empty);

    /// <summary>Whether the policy's part counts at a moment when so many have the volume open for writing.</summary>
    public bool PolicyCounts(int writers) => !Policy.WhenOpen || writers != 0;

    /// <summary>The chunks whose next write is promised, for a volume of so many chunks.</summary>
    public ChunkRanges Promised(long sizeChunks, int writers) =>
        Policy.Mode == ReserveMode.Full && PolicyCounts(writers) ? ChunkRanges.Of(0, sizeChunks) : Provisioned.Without(sizeChunks, long.MaxValue);

    /// <summary>Extents of the emergency amount that the pool keeps when all is well.</summary>
    public long EmergencyCount(Geometry geometry, int writers) =>
        Policy.Mode == ReserveMode.Emergency && PolicyCounts(writers) ? geometry.ChunksFor(Policy.EmergencyBytes) : 0;
}
