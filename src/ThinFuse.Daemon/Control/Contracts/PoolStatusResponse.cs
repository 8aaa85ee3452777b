using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The state of a pool, exact at one moment.</summary>
/// <param name="Uuid">The pool's identity.</param>
/// <param name="MountPoint">Where it is mounted, absolute; null when it is not.</param>
/// <param name="DaemonPid">The serving process; null when none serves.</param>
/// <param name="Transport">How requests reach the daemon; null when none serves.</param>
/// <param name="Mode">What it does with writes.</param>
/// <param name="ChunkSize">Bytes per chunk.</param>
/// <param name="TotalBytes">All extents.</param>
/// <param name="AllocatedBytes">Extents owned by a layer.</param>
/// <param name="ReservedBytes">Extents promised but not owned yet.</param>
/// <param name="FreeBytes">Total less allocated less reserved, and less what the host has no room for.</param>
/// <param name="NoSpacePolicy">What a write meets when nothing is free.</param>
/// <param name="NoSpaceTimeoutMs">How long a write waits for space under the policy queue, milliseconds; 0 for as long as it takes.</param>
/// <param name="Volumes">How many volumes.</param>
/// <param name="Snapshots">How many snapshots.</param>
/// <param name="Nodes">The nodes, by id.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record PoolStatusResponse(
    Guid Uuid,
    string? MountPoint,
    int? DaemonPid,
    PoolTransport? Transport,
    PoolMode Mode,
    int ChunkSize,
    long TotalBytes,
    long AllocatedBytes,
    long ReservedBytes,
    long FreeBytes,
    NoSpacePolicy NoSpacePolicy,
    long NoSpaceTimeoutMs,
    int Volumes,
    int Snapshots,
    IReadOnlyList<NodeResponse> Nodes)
{
    /// <summary>Of the allocated bytes, those of deleted snapshots and volumes that the background still has to look at: at most so much comes back.</summary>
    public long ReclaimingBytes { get; init; }

    /// <summary>Free space at which low_water is raised, in bytes of the pool's present size; null for never.</summary>
    public long? LowWaterBytes { get; init; }

    /// <summary>How much the pool grows by itself at a time, in bytes of its present size; null when it does not.</summary>
    public long? AutoExtendBytes { get; init; }

    /// <summary>The size that it does not grow beyond by itself; null for as far as the host has room.</summary>
    public long? MaxSizeBytes { get; init; }

    /// <summary>What becomes of the host's space behind extents that are free.</summary>
    public DiscardPolicy DiscardPolicy { get; init; }

    /// <summary>Whether it refuses to promise more than it has.</summary>
    public bool Strict { get; init; }

    /// <summary>Sum of the sizes of all volumes, snapshots left out, each rounded up to chunks.</summary>
    public long PromisedBytes { get; init; }

    /// <summary>Allocated bytes that a single volume or snapshot reads.</summary>
    public long ExclusiveBytes { get; init; }

    /// <summary>Allocated bytes that several of them read, counted once.</summary>
    public long SharedBytes { get; init; }

    /// <summary>Promised by total.</summary>
    public double OvercommitRatio { get; init; }

    /// <summary>Bytes of free extents that the host has no room for now; 0 unless node files are sparse.</summary>
    public long HostMissingBytes { get; init; }

    /// <summary>Extents out of use for good, because the disk below them is bad; they count as allocated.</summary>
    public long RetiredExtents { get; init; }

    /// <summary>The same in bytes.</summary>
    public long RetiredBytes { get; init; }

    /// <summary>Whether it failed, now or in an earlier use: it can only be read until it was unmounted and a check has found it sound.</summary>
    public bool NeedsCheck { get; init; }

    /// <summary>Whether the mount outlives the serving process; null when none serves.</summary>
    public RestartProtectionState? RestartProtection { get; init; }

    /// <summary>How often another process has taken over since the pool was mounted; null when none serves.</summary>
    public int? Restarts { get; init; }

    /// <summary>How long nothing was served at the last restart, milliseconds; null when there was none.</summary>
    public long? LastPauseMs { get; init; }

    /// <summary>Whether the last restart was an upgrade that failed, so that the program of before serves; null when none serves.</summary>
    public bool? UpgradeFailed { get; init; }
}
