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
        if (request.Count is < 1 or > CloneNames.MaxCount)
        {
            throw new PoolException(PoolErrorKind.Usage, $"{request.Count} is no number of clones; ask for 1 to {CloneNames.MaxCount}");
        }

        IReadOnlyList<string> names = CloneNames.Of(request.Target, request.Count);
        IReadOnlyList<VolumeInfo> clones = await EngineThread.RunAsync(() => pool.Clone(request.Source, names)).ConfigureAwait(false);
        IReadOnlyList<VolumeResponse> answer = [.. clones.Select(Answers.Of)];
        await WriteAsync(http, answer, Json.IReadOnlyListVolumeResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }
}
