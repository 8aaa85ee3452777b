using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>The daemon itself: how to end it, and how to replace it.</summary>
internal static class DaemonEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapPost(ControlRoutes.DaemonStop, http => StopAsync(http, context));
        routes.MapPost(ControlRoutes.DaemonUpgrade, http => UpgradeAsync(http, context.Mount));
    }

    /// <summary>Answers that it will make way, and does; the answer is sent before this process ends.</summary>
    private static async Task UpgradeAsync(HttpContext http, ServedMount mount)
    {
        DaemonUpgradeRequest request = await ReadAsync(http, Json.DaemonUpgradeRequest).ConfigureAwait(false);
        mount.HandOver(request.Command);
        await WriteAsync(http, new DaemonUpgradeResponse(Environment.ProcessId), Json.DaemonUpgradeResponse).ConfigureAwait(false);
    }

    /// <summary>Answers once the mount is gone from the tree, or will be because another process takes the pool over; what remains to be done waits for this answer to be sent.</summary>
    private static async Task StopAsync(HttpContext http, ControlContext context)
    {
        DaemonStopRequest request = await ReadAsync(http, Json.DaemonStopRequest).ConfigureAwait(false);
        if (request.TakenOverBy is { } successor)
        {
            context.Events.Append(PoolEvent.Now(PoolEventKinds.PoolTakenOver, $"pid {Environment.ProcessId} gives the pool up to {successor}"));
            context.Mount.GiveUp(successor);
        }
        else
        {
            await EngineThread.RunAsync(() => context.Mount.Stop(request.Lazy)).ConfigureAwait(false);
        }

        await WriteAsync(http, new DaemonStopResponse(Environment.ProcessId), Json.DaemonStopResponse).ConfigureAwait(false);
    }
}
