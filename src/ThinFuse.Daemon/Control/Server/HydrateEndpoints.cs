using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Jobs;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>The copying of external origins into the pool.</summary>
internal static class HydrateEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapPost(ControlRoutes.Hydrate, http => HydrateAsync(http, context.Pool));

    private static async Task HydrateAsync(HttpContext http, ThinPool pool)
    {
        string name = (string)http.Request.RouteValues["name"]!;
        HydrateRequest request = await ReadAsync(http, Json.HydrateRequest).ConfigureAwait(false);
        JobInfo job = await EngineThread.RunAsync(() => Apply(pool, name, request)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(job), Json.JobResponse).ConfigureAwait(false);
    }

    private static JobInfo Apply(ThinPool pool, string name, HydrateRequest request)
    {
        return request.Action switch
        {
            HydrateAction.Start => pool.Hydrate(name, settings => Changed(settings, isPaused: false)),
            HydrateAction.Pause => pool.ChangeHydration(name, settings => Changed(settings, isPaused: true)),
            _ => pool.StopHydration(name),
        };

        JobSettings Changed(JobSettings settings, bool isPaused) =>
            new(isPaused, request.RateBytesPerSecond ?? settings.RateBytesPerSecond);
    }
}
