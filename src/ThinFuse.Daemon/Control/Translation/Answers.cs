using System.Globalization;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Volumes;
using JobState = ThinFuse.Daemon.Control.Contracts.JobState;
using DiscardPolicy = ThinFuse.Daemon.Control.Contracts.DiscardPolicy;
using NoSpacePolicy = ThinFuse.Daemon.Control.Contracts.NoSpacePolicy;
using PoolMode = ThinFuse.Daemon.Control.Contracts.PoolMode;
using VolumeKind = ThinFuse.Daemon.Control.Contracts.VolumeKind;

namespace ThinFuse.Daemon.Control.Translation;

/// <summary>What the engine says, in the words of the contract.</summary>
public static class Answers
{
    /// <summary>The state of a pool that this process serves at a mount point.</summary>
    public static PoolStatusResponse Of(PoolStatus status, string mountPoint, FuseTransportKind transport) => Of(status) with
    {
        MountPoint = mountPoint,
        DaemonPid = Environment.ProcessId,
        Transport = transport == FuseTransportKind.Uring ? PoolTransport.Uring : PoolTransport.Dev,
    };

    /// <summary>The state of a pool that nobody serves.</summary>
    public static PoolStatusResponse Of(PoolStatus status) => new(
        status.Id,
        MountPoint: null,
        DaemonPid: null,
        Transport: null,
        Of(status.Mode),
        status.ChunkSizeBytes,
        status.TotalBytes,
        status.AllocatedBytes,
        status.ReservedBytes,
        status.FreeBytes,
        status.Settings.NoSpace == Pool.NoSpacePolicy.Queue ? NoSpacePolicy.Queue : NoSpacePolicy.Error,
        status.Settings.NoSpaceTimeoutMs,
        status.VolumeCount,
        status.SnapshotCount,
        [.. status.Nodes.Select(Of)])
    {
        ReclaimingBytes = status.ReclaimingBytes,
        LowWaterBytes = BytesOf(status.Settings.Mark, status),
        AutoExtendBytes = BytesOf(status.Settings.AutoExtend, status),
        MaxSizeBytes = status.Settings.MaxSizeBytes == 0 ? null : status.Settings.MaxSizeBytes,
        DiscardPolicy = status.Settings.Discard == Pool.DiscardPolicy.Passdown ? DiscardPolicy.Passdown : DiscardPolicy.Keep,
        Strict = status.Settings.IsStrict,
        PromisedBytes = status.PromisedBytes,
        ExclusiveBytes = status.ExclusiveBytes,
        SharedBytes = status.SharedBytes,
        OvercommitRatio = Math.Round(status.OvercommitRatio, 3),
        HostMissingBytes = status.HostMissingBytes,
        RetiredExtents = status.RetiredExtents,
        RetiredBytes = status.RetiredBytes,
        NeedsCheck = status.NeedsCheck,
    };

    /// <summary>What an extent is used for.</summary>
    public static ExtentUseResponse Of(ExtentUse use) => new(
        use.Extent,
        use.NodeId,
        use.NodePath,
        use.OffsetBytes,
        use.LengthBytes,
        use.State switch
        {
            ExtentState.Owned => "owned",
            ExtentState.Free => "free",
            ExtentState.Retired => "retired",
            _ => "waiting",
        },
        use.Layer,
        use.LayerOffsetBytes,
        [.. use.Readers.Select(reader => new ExtentReaderResponse(reader.Volume, reader.OffsetBytes, reader.LengthBytes, reader.NodeOffsetBytes))]);

    /// <summary>What a check found.</summary>
    public static PoolCheckResponse Of(CheckReport report) => new(
        report.Problems.Count,
        [.. report.Problems.Select(problem => new PoolProblemResponse(problem.Kind, problem.Message, problem.Volume, problem.OffsetBytes))],
        report.Layers,
        report.Exceptions,
        report.OwnedExtents)
    {
        RetiredExtents = report.RetiredExtents,
        LostBytes = report.LostBytes,
        WasNeededFor = report.WasNeededFor,
    };

    /// <summary>A volume or snapshot.</summary>
    public static VolumeResponse Of(VolumeInfo volume) => new(
        volume.Name,
        Of(volume.Kind),
        volume.Origin,
        volume.SizeBytes,
        volume.AllocatedBytes,
        volume.ExclusiveBytes,
        volume.ReservedBytes,
        volume.IsReadOnly,
        volume.CreatedAt)
    {
        Id = volume.Id,
        Generation = volume.Generation,
        Holds = [.. volume.Holds.Select(hold => hold.Name)],
        SharedBytes = volume.SharedBytes,
        Reserve = Reserves.TextOf(volume.Reserve),
        ReserveWhen = volume.Reserve.WhenOpen ? ReserveWords.Open : ReserveWords.Always,
        ProvisionedBytes = volume.ProvisionedBytes,
        OriginFile = volume.ExternalOrigin?.Path,
        OriginBytes = volume.ExternalOrigin?.LengthBytes,
        HydratedBytes = volume.ExternalOrigin?.HydratedBytes,
        Hydration = volume.ExternalOrigin is { } origin ? Of(origin.Hydration) : null,
        OriginTrouble = volume.ExternalOrigin?.Trouble,
    };

    private static HydrationState Of(Pool.Origins.HydrationState state) => state switch
    {
        Pool.Origins.HydrationState.Running => HydrationState.Running,
        Pool.Origins.HydrationState.Paused => HydrationState.Paused,
        Pool.Origins.HydrationState.Failed => HydrationState.Failed,
        Pool.Origins.HydrationState.Waiting => HydrationState.Waiting,
        _ => HydrationState.Off,
    };

    /// <summary>A background job.</summary>
    public static JobResponse Of(JobInfo job) => new(
        job.Id,
        job.Kind,
        job.Volume,
        Of(job.State),
        job.DoneBytes,
        job.TotalBytes,
        job.RateBytesPerSecond,
        job.StartedAt,
        job.EndedAt,
        job.Error);

    /// <summary>Volume or snapshot.</summary>
    public static VolumeKind Of(Pool.Volumes.VolumeKind kind) =>
        kind == Pool.Volumes.VolumeKind.Volume ? VolumeKind.Volume : VolumeKind.Snapshot;

    private static long? BytesOf(SpaceAmount amount, PoolStatus status) => amount.IsOff ? null : amount.InBytes(status.TotalBytes);

    private static PoolMode Of(Pool.PoolMode mode) => mode switch
    {
        Pool.PoolMode.Write => PoolMode.Write,
        Pool.PoolMode.OutOfSpace => PoolMode.OutOfSpace,
        Pool.PoolMode.ReadOnly => PoolMode.ReadOnly,
        _ => PoolMode.Failed,
    };

    private static JobState Of(Pool.Jobs.JobState state) => state switch
    {
        Pool.Jobs.JobState.Running => JobState.Running,
        Pool.Jobs.JobState.Paused => JobState.Paused,
        Pool.Jobs.JobState.Waiting => JobState.Waiting,
        Pool.Jobs.JobState.Completed => JobState.Completed,
        Pool.Jobs.JobState.Cancelled => JobState.Cancelled,
        _ => JobState.Failed,
    };

    private static NodeResponse Of(NodeStatus node) => new(
        int.Parse(node.Id.AsSpan(node.Id.IndexOf('-', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture),
        node.Type == "block" ? NodeType.Block : NodeType.File,
        node.Path,
        node.StartBytes,
        node.SizeBytes,
        node.State switch
        {
            "online" => NodeState.Online,
            "stalled" => NodeState.Stalled,
            _ => NodeState.Failed,
        });
}
