using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Daemon.Control.Client;

/// <summary>Speaks to the daemon of one pool through its control socket. Thread-safe.</summary>
/// <remarks>
/// <para>
/// Every method throws <see cref="ControlException"/>: with the daemon's own kind and message when it refused,
/// <see cref="ControlErrorKind.NotFound"/> when no daemon listens, <see cref="ControlErrorKind.Failed"/> when it went away before it
/// answered (the change may or may not have been made) or answered something that is not understood.
/// </para>
/// <para>A change is durable, also over power loss, when its method returns. Nothing times out: cancel through the token.</para>
/// </remarks>
public sealed class ControlClient : IDisposable
{
    private static readonly ControlJsonContext Json = ControlJsonContext.Default;

    private readonly ControlChannel _channel;

    /// <summary>Makes a client; it connects at the first request.</summary>
    /// <param name="poolDirectory">The pool directory that holds the socket.</param>
    public ControlClient(string poolDirectory) => _channel = new ControlChannel(poolDirectory);

    /// <summary>The state of the pool.</summary>
    public Task<PoolStatusResponse> GetPoolStatusAsync(CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.Pool, Json.PoolStatusResponse, cancel);

    /// <summary>Makes the pool larger.</summary>
    /// <returns>Its state afterwards.</returns>
    public Task<PoolStatusResponse> GrowPoolAsync(PoolGrowRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.PoolGrow, request, Json.PoolGrowRequest, Json.PoolStatusResponse, cancel);

    /// <summary>Changes how the pool behaves.</summary>
    /// <returns>Its state afterwards.</returns>
    public Task<PoolStatusResponse> UpdatePoolAsync(PoolUpdateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Patch, ControlRoutes.Pool, request, Json.PoolUpdateRequest, Json.PoolStatusResponse, cancel);

    /// <summary>Checks the pool's metadata while it serves; may take long.</summary>
    public Task<PoolCheckResponse> CheckPoolAsync(CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.PoolCheck, Json.PoolCheckResponse, cancel);

    /// <summary>All metadata as of one moment, line by line.</summary>
    public IAsyncEnumerable<string> DumpPoolAsync(CancellationToken cancel = default) => _channel.GetLinesAsync(ControlRoutes.PoolDump, cancel);

    /// <summary>Who reads an extent; may take long.</summary>
    /// <param name="query">As <see cref="ControlRoutes.PoolWhereIs"/> says, without the question mark.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task<ExtentUseResponse> WhereIsAsync(string query, CancellationToken cancel = default) =>
        _channel.GetAsync($"{ControlRoutes.PoolWhereIs}?{query}", Json.ExtentUseResponse, cancel);

    /// <summary>All volumes and snapshots.</summary>
    public Task<IReadOnlyList<VolumeResponse>> ListVolumesAsync(CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.Volumes, Json.IReadOnlyListVolumeResponse, cancel);

    /// <summary>Makes a volume, empty or on an external origin.</summary>
    public Task<VolumeResponse> CreateVolumeAsync(VolumeCreateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.Volumes, request, Json.VolumeCreateRequest, Json.VolumeResponse, cancel);

    /// <summary>Resizes or renames a volume, or says where its external origin is.</summary>
    public Task<VolumeResponse> UpdateVolumeAsync(string name, VolumeUpdateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Patch, ControlRoutes.ForVolume(name), request, Json.VolumeUpdateRequest, Json.VolumeResponse, cancel);

    /// <summary>Promises that a range of a volume can always be overwritten.</summary>
    public Task<VolumeResponse> ProvisionAsync(string name, ProvisionRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.ProvisionOf(name), request, Json.ProvisionRequest, Json.VolumeResponse, cancel);

    /// <summary>Has a volume's external origin copied into the pool, or changes how that goes.</summary>
    /// <returns>The job that does it, or did.</returns>
    public Task<JobResponse> HydrateAsync(string name, HydrateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.ForVolume(name) + "/hydrate", request, Json.HydrateRequest, Json.JobResponse, cancel);

    /// <summary>Deletes a volume or a snapshot; its space comes back in the background.</summary>
    public Task DeleteVolumeAsync(string name, CancellationToken cancel = default) =>
        _channel.DeleteAsync(ControlRoutes.ForVolume(name), cancel);

    /// <summary>Takes snapshots of several volumes at one instant.</summary>
    /// <returns>The snapshots, in the order of the request.</returns>
    public Task<IReadOnlyList<VolumeResponse>> CreateSnapshotsAsync(SnapshotCreateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.Snapshots, request, Json.SnapshotCreateRequest, Json.IReadOnlyListVolumeResponse, cancel);

    /// <summary>The ranges in which a file differs from an earlier one, ascending, as the daemon finds them; not all in memory.</summary>
    /// <param name="from">The earlier file; null for all data that the later one has.</param>
    /// <param name="to">The later file.</param>
    /// <param name="evenUnrelated">Whether they may have nothing in common.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Each a <see cref="DiffRangeResponse"/> in JSON.</returns>
    public IAsyncEnumerable<string> ReadDiffAsync(string? from, string to, bool evenUnrelated, CancellationToken cancel = default) =>
        _channel.GetLinesAsync(ControlRoutes.ForDiff(from, to, evenUnrelated), cancel);

    /// <summary>Keeps a snapshot from being deleted.</summary>
    public Task<VolumeResponse> HoldAsync(string snapshot, HoldRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.HoldsOn(snapshot), request, Json.HoldRequest, Json.VolumeResponse, cancel);

    /// <summary>Puts the volume that a snapshot was taken of back to it.</summary>
    public Task<RollbackResponse> RollBackAsync(string snapshot, RollbackRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.RollbackTo(snapshot), request, Json.RollbackRequest, Json.RollbackResponse, cancel);

    /// <summary>Ends a hold.</summary>
    public Task<VolumeResponse> ReleaseAsync(string snapshot, string holder, CancellationToken cancel = default) =>
        _channel.DeleteAsync($"{ControlRoutes.HoldsOn(snapshot)}/{Uri.EscapeDataString(holder)}", Json.VolumeResponse, cancel);

    /// <summary>What a snapshot holds, under an id that is the same in every pool.</summary>
    public Task<ContentResponse> GetContentAsync(string snapshot, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.Contents, new ContentRequest(snapshot), Json.ContentRequest, Json.ContentResponse, cancel);

    /// <summary>Begins to receive a snapshot, or goes on with one that broke off.</summary>
    public Task<ReceiveResponse> BeginReceiveAsync(ReceiveBeginRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.Receives, request, Json.ReceiveBeginRequest, Json.ReceiveResponse, cancel);

    /// <summary>What is being received for a volume; NotFound when nothing is.</summary>
    public Task<ReceiveResponse> FindReceiveAsync(string target, CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.ForReceive(target), Json.ReceiveResponse, cancel);

    /// <summary>Makes what was received so far durable, and remembers how far that goes.</summary>
    public Task<ReceiveResponse> KeepReceivedAsync(string target, long keptBytes, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Patch, ControlRoutes.ForReceive(target), new ReceiveKeepRequest(keptBytes), Json.ReceiveKeepRequest, Json.ReceiveResponse, cancel);

    /// <summary>Puts what was received in its place: the volume, and a snapshot of it.</summary>
    /// <returns>The snapshot.</returns>
    public Task<VolumeResponse> FinishReceiveAsync(string target, ReceiveFinishRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.ForReceive(target) + "/finish", request, Json.ReceiveFinishRequest, Json.VolumeResponse, cancel);

    /// <summary>Makes writable volumes out of a volume or snapshot, all at one instant; all or none.</summary>
    /// <returns>The clones, in the order of their numbers.</returns>
    public Task<IReadOnlyList<VolumeResponse>> CreateClonesAsync(CloneCreateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.Clones, request, Json.CloneCreateRequest, Json.IReadOnlyListVolumeResponse, cancel);

    /// <summary>What was taken from what; parents before children.</summary>
    public Task<IReadOnlyList<TreeEntryResponse>> GetTreeAsync(CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.Tree, Json.IReadOnlyListTreeEntryResponse, cancel);

    /// <summary>Starts to make a volume share nothing any more.</summary>
    public Task<JobResponse> FlattenAsync(string volume, FlattenRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.FlattenOf(volume), request, Json.FlattenRequest, Json.JobResponse, cancel);

    /// <summary>The background jobs, oldest first.</summary>
    public Task<IReadOnlyList<JobResponse>> ListJobsAsync(CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.Jobs, Json.IReadOnlyListJobResponse, cancel);

    /// <summary>One background job.</summary>
    public Task<JobResponse> GetJobAsync(long id, CancellationToken cancel = default) =>
        _channel.GetAsync(ControlRoutes.ForJob(id), Json.JobResponse, cancel);

    /// <summary>Pauses a job, lets it go on, or changes its rate.</summary>
    public Task<JobResponse> UpdateJobAsync(long id, JobUpdateRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Patch, ControlRoutes.ForJob(id), request, Json.JobUpdateRequest, Json.JobResponse, cancel);

    /// <summary>Ends a job; what it copied stays.</summary>
    /// <returns>The job, ended.</returns>
    public Task<JobResponse> CancelJobAsync(long id, CancellationToken cancel = default) =>
        _channel.DeleteAsync(ControlRoutes.ForJob(id), Json.JobResponse, cancel);

    /// <summary>The recent events, oldest first, and when followed all that come, until the mount ends.</summary>
    /// <param name="follow">Whether to go on.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Each an <see cref="EventResponse"/> in JSON, as the daemon wrote it: it may have fields that are not known here.</returns>
    public IAsyncEnumerable<string> ReadEventsAsync(bool follow, CancellationToken cancel = default) =>
        _channel.GetLinesAsync(follow ? ControlRoutes.Events + "?follow=true" : ControlRoutes.Events, cancel);

    /// <summary>Asks the daemon to stop. The pool is free when the process named in the answer has ended.</summary>
    public Task<DaemonStopResponse> StopDaemonAsync(DaemonStopRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(HttpMethod.Post, ControlRoutes.DaemonStop, request, Json.DaemonStopRequest, Json.DaemonStopResponse, cancel);

    /// <summary>Asks the daemon to make way for another program. That serves when the pool's status names another process.</summary>
    public Task<DaemonUpgradeResponse> UpgradeDaemonAsync(DaemonUpgradeRequest request, CancellationToken cancel = default) =>
        _channel.SendAsync(
            HttpMethod.Post, ControlRoutes.DaemonUpgrade, request, Json.DaemonUpgradeRequest, Json.DaemonUpgradeResponse, cancel);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
