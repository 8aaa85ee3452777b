using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Snapshots of several volumes at one instant, and holds on them.</summary>
internal static class SnapshotEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapPost(ControlRoutes.Snapshots, http => CreateAsync(http, context.Pool));
        routes.MapPost(ControlRoutes.Holds, http => HoldAsync(http, context.Pool));
        routes.MapDelete(ControlRoutes.Hold, http => ReleaseAsync(http, context.Pool));
    }

    private static async Task CreateAsync(HttpContext http, ThinPool pool)
    {
        SnapshotCreateRequest request = await ReadAsync(http, Json.SnapshotCreateRequest).ConfigureAwait(false);
        if (request.Volumes.Count == 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "name at least one volume to take a snapshot of");
        }

        List<(string Volume, string Snapshot)> pairs =
            [.. request.Volumes.Select(volume => (volume, VolumeName.Snapshot(volume, request.Name)))];
        IReadOnlyList<VolumeInfo> snapshots = await EngineThread.RunAsync(() => pool.CreateSnapshots(pairs, request.Writable)).ConfigureAwait(false);
        IReadOnlyList<VolumeResponse> answer = [.. snapshots.Select(Answers.Of)];
        await WriteAsync(http, answer, Json.IReadOnlyListVolumeResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task HoldAsync(HttpContext http, ThinPool pool)
    {
        HoldRequest request = await ReadAsync(http, Json.HoldRequest).ConfigureAwait(false);
        string name = NameOf(http);
        VolumeInfo snapshot = await EngineThread.RunAsync(() => pool.Hold(name, request.Name)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(snapshot), Json.VolumeResponse).ConfigureAwait(false);
    }

    private static async Task ReleaseAsync(HttpContext http, ThinPool pool)
    {
        string name = NameOf(http);
        string holder = (string)http.Request.RouteValues["holder"]!;
        VolumeInfo snapshot = await EngineThread.RunAsync(() => pool.Release(name, holder)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(snapshot), Json.VolumeResponse).ConfigureAwait(false);
    }

    private static string NameOf(HttpContext http) => (string)http.Request.RouteValues["name"]!;
}
