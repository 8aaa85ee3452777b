using System.Text.Json;
using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>How every body of the control API is written and read: camelCase, compact, and strict.</summary>
/// <remarks>
/// Requests with an unknown, missing, doubled or null field are refused. Answers may have fields that their reader does not know,
/// because a command may be older than the daemon it speaks to.
/// </remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(PoolStatusResponse))]
[JsonSerializable(typeof(PoolGrowRequest))]
[JsonSerializable(typeof(PoolUpdateRequest))]
[JsonSerializable(typeof(PoolCheckResponse))]
[JsonSerializable(typeof(ExtentUseResponse))]
[JsonSerializable(typeof(VolumeResponse))]
[JsonSerializable(typeof(IReadOnlyList<VolumeResponse>))]
[JsonSerializable(typeof(VolumeCreateRequest))]
[JsonSerializable(typeof(VolumeUpdateRequest))]
[JsonSerializable(typeof(ProvisionRequest))]
[JsonSerializable(typeof(HydrateRequest))]
[JsonSerializable(typeof(SnapshotCreateRequest))]
[JsonSerializable(typeof(DiffRangeResponse))]
[JsonSerializable(typeof(HoldRequest))]
[JsonSerializable(typeof(ContentRequest))]
[JsonSerializable(typeof(ContentResponse))]
[JsonSerializable(typeof(ReceiveBeginRequest))]
[JsonSerializable(typeof(ReceiveKeepRequest))]
[JsonSerializable(typeof(ReceiveFinishRequest))]
[JsonSerializable(typeof(ReceiveResponse))]
[JsonSerializable(typeof(CloneCreateRequest))]
[JsonSerializable(typeof(IReadOnlyList<TreeEntryResponse>))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(RollbackResponse))]
[JsonSerializable(typeof(FlattenRequest))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(IReadOnlyList<JobResponse>))]
[JsonSerializable(typeof(JobUpdateRequest))]
[JsonSerializable(typeof(DaemonStopRequest))]
[JsonSerializable(typeof(DaemonStopResponse))]
[JsonSerializable(typeof(DaemonUpgradeRequest))]
[JsonSerializable(typeof(DaemonUpgradeResponse))]
[JsonSerializable(typeof(EventResponse))]
public sealed partial class ControlJsonContext : JsonSerializerContext;
