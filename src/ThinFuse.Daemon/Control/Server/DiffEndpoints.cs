using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>In what two files differ.</summary>
internal static class DiffEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapGet(ControlRoutes.Diff, http => WriteAsync(http, context.Pool));

    /// <summary>
    /// Writes the ranges as they are found. An answer that ends in order is whole: one that the end of the daemon or an error cuts short breaks off.
    /// </summary>
    private static async Task WriteAsync(HttpContext http, ThinPool pool)
    {
        string? from = http.Request.Query[ControlRoutes.DiffFrom];
        string to = http.Request.Query[ControlRoutes.DiffTo].ToString() is { Length: > 0 } name
            ? name
            : throw new PoolException(PoolErrorKind.Usage, $"name the later file with {ControlRoutes.DiffTo}=NAME");
        bool evenUnrelated = QueryFlag.IsSet(http.Request, ControlRoutes.DiffUnrelated);
        CancellationToken stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stopping, http.RequestAborted);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // The client may copy data between two ranges.
            rate.MinDataRate = null;
        }

        try
        {
            using DiffLines lines = await EngineThread.RunAsync(() => new DiffLines(pool, from, to, evenUnrelated, end.Token)).ConfigureAwait(false);
            ReadOnlyMemory<byte> next = await EngineThread.RunAsync(lines.Next).ConfigureAwait(false);
            http.Response.ContentType = "application/x-ndjson";
            while (!next.IsEmpty)
            {
                await http.Response.Body.WriteAsync(next, end.Token).ConfigureAwait(false);
                next = await EngineThread.RunAsync(lines.Next).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            http.Abort();
        }
    }
}
