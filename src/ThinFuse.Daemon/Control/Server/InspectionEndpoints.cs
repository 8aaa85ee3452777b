using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Looks into the metadata of the pool: the dump, and who reads an extent.</summary>
internal static class InspectionEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapGet(ControlRoutes.PoolDump, http => DumpAsync(http, context.Pool));
        routes.MapGet(ControlRoutes.PoolWhereIs, http => FindAsync(http, context.Pool));
    }

    /// <summary>The pool waits while it is dumped, so that goes to a file, without a name, and only from there to the client, who may be slow.</summary>
    private static async Task DumpAsync(HttpContext http, ThinPool pool)
    {
        string path = Path.Combine(pool.Directory, $"dump-{Guid.NewGuid():N}.tmp");
        await using FileStream spool = new(path, FileMode.CreateNew, FileAccess.ReadWrite);
        File.Delete(path);
        await EngineThread.RunAsync(() =>
        {
            using StreamWriter writer = new(spool, leaveOpen: true);
            pool.Dump(writer);
        }).ConfigureAwait(false);
        spool.Position = 0;
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        http.Response.ContentType = "application/x-ndjson";
        http.Response.ContentLength = spool.Length;
        await spool.CopyToAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
    }

    private static async Task FindAsync(HttpContext http, ThinPool pool)
    {
        ExtentPlace place = PlaceOf(http.Request.Query);
        ExtentUse use = await EngineThread.RunAsync(() => pool.WhereIs(place)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(use), Json.ExtentUseResponse).ConfigureAwait(false);
    }

    private static ExtentPlace PlaceOf(IQueryCollection query) =>
        Number(query, "extent") is { } extent ? ExtentPlace.OfExtent(extent)
        : Number(query, "node") is { } node and <= byte.MaxValue && Number(query, "offsetBytes") is { } offsetBytes ? ExtentPlace.OnNode((int)node, offsetBytes)
        : throw new PoolException(PoolErrorKind.Usage, "an extent is named by extent, or by node and offsetBytes");

    private static long? Number(IQueryCollection query, string name) =>
        long.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
}
