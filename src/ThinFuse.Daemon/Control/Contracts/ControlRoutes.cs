using System.Globalization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The paths of the control API, as route templates, and how the varying ones are filled in.</summary>
public static class ControlRoutes
{
    /// <summary>GET: <see cref="PoolStatusResponse"/>. PATCH <see cref="PoolUpdateRequest"/>: the same.</summary>
    public const string Pool = "/v1/pool";

    /// <summary>POST <see cref="PoolGrowRequest"/>: <see cref="PoolStatusResponse"/>.</summary>
    public const string PoolGrow = "/v1/pool/grow";

    /// <summary>GET: <see cref="PoolCheckResponse"/>, while the pool serves.</summary>
    public const string PoolCheck = "/v1/pool/check";

    /// <summary>GET: all metadata as lines of JSON (<c>application/x-ndjson</c>), as of one moment.</summary>
    public const string PoolDump = "/v1/pool/dump";

    /// <summary>
    /// GET: <see cref="ExtentUseResponse"/> of the extent named by <c>?extent=NUMBER</c>, or by <c>?node=NUMBER&amp;offsetBytes=NUMBER</c>.
    /// </summary>
    public const string PoolWhereIs = "/v1/pool/whereis";

    /// <summary>GET: a list of <see cref="VolumeResponse"/>, by name. POST <see cref="VolumeCreateRequest"/>:
    /// <see cref="VolumeResponse"/>.</summary>
    public const string Volumes = "/v1/volumes";

    /// <summary>PATCH <see cref="VolumeUpdateRequest"/>: <see cref="VolumeResponse"/>. DELETE: no content; volumes and snapshots.</summary>
    public const string Volume = "/v1/volumes/{name}";

    /// <summary>POST <see cref="HydrateRequest"/>: the <see cref="JobResponse"/> of the copying.</summary>
    public const string Hydrate = "/v1/volumes/{name}/hydrate";

    /// <summary>POST <see cref="SnapshotCreateRequest"/>: a list of <see cref="VolumeResponse"/>, in the order asked for.</summary>
    public const string Snapshots = "/v1/snapshots";

    /// <summary>
    /// GET with <c>?from=NAME&amp;to=NAME</c>: the ranges in which the later file differs, one <see cref="DiffRangeResponse"/> a line
    /// (<c>application/x-ndjson</c>); without <c>from</c> all data of the later file; with <c>unrelated=true</c> also for files that have nothing in common.
    /// </summary>
    public const string Diff = "/v1/diff";

    /// <summary>POST <see cref="ContentRequest"/>: <see cref="ContentResponse"/>. Gives the content an id if it has none.</summary>
    public const string Contents = "/v1/contents";

    /// <summary>POST <see cref="ReceiveBeginRequest"/>: <see cref="ReceiveResponse"/>.</summary>
    public const string Receives = "/v1/receives";

    /// <summary>By the volume that it will be. GET: <see cref="ReceiveResponse"/>. PATCH <see cref="ReceiveKeepRequest"/>: the same.</summary>
    public const string Receive = "/v1/receives/{name}";

    /// <summary>POST <see cref="ReceiveFinishRequest"/>: <see cref="VolumeResponse"/> of the snapshot.</summary>
    public const string ReceiveFinish = "/v1/receives/{name}/finish";

    internal const string DiffFrom = "from";
    internal const string DiffTo = "to";
    internal const string DiffUnrelated = "unrelated";

    /// <summary>POST <see cref="HoldRequest"/>: <see cref="VolumeResponse"/>.</summary>
    public const string Holds = "/v1/volumes/{name}/holds";

    /// <summary>POST <see cref="ProvisionRequest"/>: <see cref="VolumeResponse"/>.</summary>
    public const string Provision = "/v1/volumes/{name}/provision";

    /// <summary>POST <see cref="RollbackRequest"/>, to the snapshot named: <see cref="RollbackResponse"/>.</summary>
    public const string Rollback = "/v1/volumes/{name}/rollback";

    /// <summary>DELETE: <see cref="VolumeResponse"/>.</summary>
    public const string Hold = "/v1/volumes/{name}/holds/{holder}";

    /// <summary>POST <see cref="CloneCreateRequest"/>: a list of <see cref="VolumeResponse"/>, in the order of their numbers.</summary>
    public const string Clones = "/v1/clones";

    /// <summary>GET: a list of <see cref="TreeEntryResponse"/>, parents first.</summary>
    public const string Tree = "/v1/tree";

    /// <summary>POST <see cref="FlattenRequest"/>: <see cref="JobResponse"/>, started.</summary>
    public const string Flatten = "/v1/volumes/{name}/flatten";

    /// <summary>GET: a list of <see cref="JobResponse"/>, oldest first: those that live, and the last that ended.</summary>
    public const string Jobs = "/v1/jobs";

    /// <summary>GET: <see cref="JobResponse"/>. PATCH <see cref="JobUpdateRequest"/>: the same. DELETE: cancels it, and answers when it has ended, the same.</summary>
    public const string Job = "/v1/jobs/{id:long}";

    /// <summary>
    /// GET: the recent events, oldest first, one <see cref="EventResponse"/> a line (<c>application/x-ndjson</c>). With <c>?follow=true</c> the answer goes
    /// on with each new event until the mount ends.
    /// </summary>
    public const string Events = "/v1/events";

    /// <summary>POST <see cref="DaemonStopRequest"/>: <see cref="DaemonStopResponse"/>.</summary>
    public const string DaemonStop = "/v1/daemon/stop";

    /// <summary>POST <see cref="DaemonUpgradeRequest"/>: <see cref="DaemonUpgradeResponse"/>.</summary>
    public const string DaemonUpgrade = "/v1/daemon/upgrade";

    /// <summary>The path of provisioning a volume.</summary>
    public static string ProvisionOf(string name) => ForVolume(name) + "/provision";

    /// <summary>The path of a volume's flattening.</summary>
    public static string FlattenOf(string name) => ForVolume(name) + "/flatten";

    /// <summary>The path of one job.</summary>
    public static string ForJob(long id) => string.Create(CultureInfo.InvariantCulture, $"{Jobs}/{id}");

    /// <summary>The path and query of a comparison.</summary>
    /// <param name="from">The earlier file; null for all data of the later one.</param>
    /// <param name="to">The later file.</param>
    /// <param name="evenUnrelated">Whether they may have nothing in common.</param>
    public static string ForDiff(string? from, string to, bool evenUnrelated) =>
        $"{Diff}?{DiffTo}={Uri.EscapeDataString(to)}" + (from is null ? "" : $"&{DiffFrom}={Uri.EscapeDataString(from)}")
        + (evenUnrelated ? $"&{DiffUnrelated}=true" : "");

    /// <summary>The path of a rollback to a snapshot.</summary>
    public static string RollbackTo(string name) => ForVolume(name) + "/rollback";

    /// <summary>The path of the holds on a snapshot.</summary>
    public static string HoldsOn(string name) => ForVolume(name) + "/holds";

    /// <summary>The path of what is received for a volume.</summary>
    public static string ForReceive(string target) => Receives + "/" + Uri.EscapeDataString(target);

    /// <summary>The path of one volume or snapshot, its name escaped.</summary>
    public static string ForVolume(string name) => Volumes + "/" + Uri.EscapeDataString(name);
}
