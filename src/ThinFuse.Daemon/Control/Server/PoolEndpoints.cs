using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>The pool: status, growth, check.</summary>
internal static class PoolEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapGet(ControlRoutes.Pool, http => WriteStatusAsync(http, context));
        routes.MapPatch(ControlRoutes.Pool, http => UpdateAsync(http, context));
        routes.MapPost(ControlRoutes.PoolGrow, http => GrowAsync(http, context));
        routes.MapGet(ControlRoutes.PoolCheck, http => CheckAsync(http, context));
    }

    private static async Task GrowAsync(HttpContext http, ControlContext context)
    {
        PoolGrowRequest request = await ReadAsync(http, Json.PoolGrowRequest).ConfigureAwait(false);
        if (request.SizeBytes is null == request.NodePath is null)
        {
            throw new PoolException(PoolErrorKind.Usage, "a pool grows either to a size or by a node; name one of them");
        }

        await EngineThread.RunAsync(() => Grow(context.Pool, request)).ConfigureAwait(false);
        await WriteStatusAsync(http, context).ConfigureAwait(false);
    }

    private static void Grow(ThinPool pool, PoolGrowRequest request)
    {
        if (request.NodePath is { } path)
        {
            pool.AddNode(path, null);
        }
        else
        {
            pool.Grow(request.SizeBytes!.Value);
        }
    }

    private static async Task UpdateAsync(HttpContext http, ControlContext context)
    {
        PoolUpdateRequest request = await ReadAsync(http, Json.PoolUpdateRequest).ConfigureAwait(false);
        await EngineThread.RunAsync(() => context.Pool.Configure(settings => Requests.Apply(request, settings))).ConfigureAwait(false);
        await WriteStatusAsync(http, context).ConfigureAwait(false);
    }

    private static async Task CheckAsync(HttpContext http, ControlContext context)
    {
        CheckReport report = await EngineThread.RunAsync(context.Pool.Check).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(report), Json.PoolCheckResponse).ConfigureAwait(false);
    }

    private static Task WriteStatusAsync(HttpContext http, ControlContext context) =>
        WriteAsync(http, StatusOf(context), Json.PoolStatusResponse);

    private static PoolStatusResponse StatusOf(ControlContext context)
    {
        RestartProtection protection = context.Mount.Protection;
        return Answers.Of(context.Pool.Status(), context.Mount.MountPoint, context.Mount.Transport) with
        {
            RestartProtection = protection.IsOn ? RestartProtectionState.On : RestartProtectionState.Off,
            Restarts = protection.Restarts,
            LastPauseMs = (long?)protection.LastPause?.TotalMilliseconds,
            UpgradeFailed = protection.HasUpgradeFailed,
        };
    }
}
