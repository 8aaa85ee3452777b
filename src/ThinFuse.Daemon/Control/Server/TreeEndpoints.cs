using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>What was taken from what.</summary>
internal static class TreeEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapGet(ControlRoutes.Tree, http => ListAsync(http, context.Pool));

    private static async Task ListAsync(HttpContext http, ThinPool pool)
    {
        IReadOnlyList<VolumeInfo> volumes = await EngineThread.RunAsync(() => pool.Volumes()).ConfigureAwait(false);
        await WriteAsync(http, VolumeTree.ParentsFirst(volumes), Json.IReadOnlyListTreeEntryResponse).ConfigureAwait(false);
    }
}
