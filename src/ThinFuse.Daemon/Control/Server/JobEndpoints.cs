using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Jobs;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Background jobs: start, list, look at, pause, slow down, cancel.</summary>
internal static class JobEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        JobSet jobs = context.Pool.Jobs;
        routes.MapPost(ControlRoutes.Flatten, http => FlattenAsync(http, context.Pool));
        routes.MapGet(ControlRoutes.Jobs, http => ListAsync(http, jobs));
        routes.MapGet(ControlRoutes.Job, http => WriteAsync(http, Answers.Of(jobs.Find(IdOf(http))), Json.JobResponse));
        routes.MapPatch(ControlRoutes.Job, http => UpdateAsync(http, jobs));
        routes.MapDelete(ControlRoutes.Job, http => CancelAsync(http, jobs));
    }

    private static async Task FlattenAsync(HttpContext http, ThinPool pool)
    {
        FlattenRequest request = await ReadAsync(http, Json.FlattenRequest).ConfigureAwait(false);
        string name = (string)http.Request.RouteValues["name"]!;
        JobSettings settings = new(RateBytesPerSecond: request.RateBytesPerSecond ?? 0);
        JobInfo job = await EngineThread.RunAsync(() => pool.Flatten(name, settings)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(job), Json.JobResponse, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    private static Task ListAsync(HttpContext http, JobSet jobs)
    {
        IReadOnlyList<JobResponse> answer = [.. jobs.List().Select(Answers.Of)];
        return WriteAsync(http, answer, Json.IReadOnlyListJobResponse);
    }

    private static async Task UpdateAsync(HttpContext http, JobSet jobs)
    {
        JobUpdateRequest request = await ReadAsync(http, Json.JobUpdateRequest).ConfigureAwait(false);
        long id = IdOf(http);
        JobInfo job = await EngineThread.RunAsync(() => jobs.Change(id, settings => settings with
        {
            IsPaused = request.Paused ?? settings.IsPaused,
            RateBytesPerSecond = request.RateBytesPerSecond ?? settings.RateBytesPerSecond,
        })).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(job), Json.JobResponse).ConfigureAwait(false);
    }

    private static async Task CancelAsync(HttpContext http, JobSet jobs)
    {
        long id = IdOf(http);
        JobInfo job = await EngineThread.RunAsync(() => jobs.Cancel(id)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(job), Json.JobResponse).ConfigureAwait(false);
    }

    private static long IdOf(HttpContext http) => long.Parse((string)http.Request.RouteValues["id"]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
