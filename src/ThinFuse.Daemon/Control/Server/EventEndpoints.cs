using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Events;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>The event stream: what happened lately, and what happens.</summary>
internal static class EventEndpoints
{
    private const string FollowName = "follow";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapGet(ControlRoutes.Events, http => WriteAsync(http, context.Events));

    /// <summary>
    /// Writes the recent events. A follower's answer goes on, and ends in order with the mount: whoever sees it break off knows that the daemon died.
    /// </summary>
    private static async Task WriteAsync(HttpContext http, EventStream events)
    {
        bool follow = QueryFlag.IsSet(http.Request, FollowName);
        CancellationToken stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stopping, http.RequestAborted);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // A follower may be stopped for as long as it likes; it then misses events, and is told so.
            rate.MinDataRate = null;
        }

        http.Response.ContentType = "application/x-ndjson";
        EventCursor cursor = events.FromOldest();
        while (true)
        {
            while (cursor.Take() is { } happened)
            {
                await http.Response.Body.WriteAsync(happened.Line, http.RequestAborted).ConfigureAwait(false);
            }

            await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            if (!follow || stopping.IsCancellationRequested)
            {
                return;
            }

            await cursor.NewsAsync().WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            http.RequestAborted.ThrowIfCancellationRequested();
        }
    }
}
