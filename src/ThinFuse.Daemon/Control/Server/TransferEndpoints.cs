using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Snapshots on their way from and to other pools. The bytes go through the mount.</summary>
internal static class TransferEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapPost(ControlRoutes.Contents, http => ContentAsync(http, context.Pool));
        routes.MapPost(ControlRoutes.Receives, http => BeginAsync(http, context.Pool));
        routes.MapGet(ControlRoutes.Receive, http => FindAsync(http, context.Pool));
        routes.MapPatch(ControlRoutes.Receive, http => KeepAsync(http, context.Pool));
        routes.MapPost(ControlRoutes.ReceiveFinish, http => FinishAsync(http, context.Pool));
    }

    private static async Task ContentAsync(HttpContext http, ThinPool pool)
    {
        ContentRequest request = await ReadAsync(http, Json.ContentRequest).ConfigureAwait(false);
        SnapshotContent content = await EngineThread.RunAsync(() => pool.ContentOf(request.Snapshot)).ConfigureAwait(false);
        await WriteAsync(
            http,
            new ContentResponse(
                content.Name, content.ContentId, content.SizeBytes, content.CreatedAt, pool.Geometry.ChunkBytes, pool.Geometry.BlockBytes),
            Json.ContentResponse).ConfigureAwait(false);
    }

    private static async Task BeginAsync(HttpContext http, ThinPool pool)
    {
        ReceiveBeginRequest request = await ReadAsync(http, Json.ReceiveBeginRequest).ConfigureAwait(false);
        ReceiveInfo begun = await EngineThread.RunAsync(() => pool.BeginReceive(new ReceiveRequest(
            request.Target, request.SnapshotName, request.ContentId, request.BaseId, request.SizeBytes, request.StartBytes, request.CreatedAt,
            request.Force))).ConfigureAwait(false);
        await WriteAsync(http, Answer(begun), Json.ReceiveResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task FindAsync(HttpContext http, ThinPool pool)
    {
        string target = NameOf(http);
        ReceiveInfo found = await EngineThread.RunAsync(() => pool.FindReceive(target)).ConfigureAwait(false)
            ?? throw new PoolException(PoolErrorKind.NotFound, $"nothing is being received for {target}");
        await WriteAsync(http, Answer(found), Json.ReceiveResponse).ConfigureAwait(false);
    }

    private static async Task KeepAsync(HttpContext http, ThinPool pool)
    {
        string target = NameOf(http);
        ReceiveKeepRequest request = await ReadAsync(http, Json.ReceiveKeepRequest).ConfigureAwait(false);
        ReceiveInfo kept = await EngineThread.RunAsync(() => Keep(pool, target, request.KeptBytes)).ConfigureAwait(false);
        await WriteAsync(http, Answer(kept), Json.ReceiveResponse).ConfigureAwait(false);
    }

    private static async Task FinishAsync(HttpContext http, ThinPool pool)
    {
        string target = NameOf(http);
        ReceiveFinishRequest request = await ReadAsync(http, Json.ReceiveFinishRequest).ConfigureAwait(false);
        VolumeInfo snapshot = await EngineThread.RunAsync(() => pool.FinishReceive(target, request.ContentId, request.Force)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(snapshot), Json.VolumeResponse).ConfigureAwait(false);
    }

    private static ReceiveInfo Keep(ThinPool pool, string target, long keptBytes)
    {
        pool.KeepReceived(target, keptBytes);
        return pool.FindReceive(target) ?? throw new PoolException(PoolErrorKind.NotFound, $"what was received for {target} was deleted meanwhile");
    }

    private static ReceiveResponse Answer(ReceiveInfo info) =>
        new(info.Name, info.Snapshot, info.Token.ToString(), info.Token.KeptBytes, info.IsComplete);

    private static string NameOf(HttpContext http) => (string)http.Request.RouteValues["name"]!;
}
