using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Clones.</summary>
internal static class CloneEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapPost(ControlRoutes.Clones, http => CreateAsync(http, context.Pool));

    private static async Task CreateAsync(HttpContext http, ThinPool pool)
    {
        CloneCreateRequest request = await ReadAsync(http, Json.CloneCreateRequest).ConfigureAwait(false);
        VolumeInfo clone = await EngineThread.RunAsync(() => pool.Clone(request.Source, request.Target)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(clone), Json.VolumeResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }
}
