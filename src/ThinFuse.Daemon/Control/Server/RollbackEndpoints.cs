using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Puts volumes back to their snapshots.</summary>
internal static class RollbackEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapPost(ControlRoutes.Rollback, http => RollBackAsync(http, context));

    private static async Task RollBackAsync(HttpContext http, ControlContext context)
    {
        RollbackRequest request = await ReadAsync(http, Json.RollbackRequest).ConfigureAwait(false);
        string snapshot = (string)http.Request.RouteValues["name"]!;
        RollbackOptions options = new(request.DiscardCurrent, request.Force, request.KeepAs);
        RollbackOutcome outcome = await EngineThread.RunAsync(() => RollBack(context, snapshot, options)).ConfigureAwait(false);
        RollbackResponse answer = new(Answers.Of(outcome.Volume), outcome.Kept is null ? null : Answers.Of(outcome.Kept));
        await WriteAsync(http, answer, Json.RollbackResponse).ConfigureAwait(false);
    }

    /// <summary>
    /// What the kernel keeps of a file that is mapped into memory belongs to the old content: what is dirty goes there first, and afterwards nothing of it
    /// may be shown.
    /// </summary>
    private static RollbackOutcome RollBack(ControlContext context, string snapshot, RollbackOptions options)
    {
        if (!options.Force)
        {
            return context.Pool.RollBack(snapshot, options);
        }

        context.Mount.DropCached(context.Pool.RollbackTarget(snapshot).Id);
        RollbackOutcome outcome = context.Pool.RollBack(snapshot, options);
        context.Mount.DropCached(outcome.Volume.Id);
        return outcome;
    }
}
