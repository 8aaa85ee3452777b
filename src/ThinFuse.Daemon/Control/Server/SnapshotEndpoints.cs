using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Snapshots of several volumes at one instant.</summary>
internal static class SnapshotEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context) =>
        routes.MapPost(ControlRoutes.Snapshots, http => CreateAsync(http, context.Pool));

    private static async Task CreateAsync(HttpContext http, ThinPool pool)
    {
        SnapshotCreateRequest request = await ReadAsync(http, Json.SnapshotCreateRequest).ConfigureAwait(false);
        if (request.Volumes.Count == 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "name at least one volume to take a snapshot of");
        }

        List<(string Volume, string Snapshot)> pairs =
            [.. request.Volumes.Select(volume => (volume, VolumeName.Snapshot(volume, request.Name)))];
        IReadOnlyList<VolumeInfo> snapshots = await EngineThread.RunAsync(() => pool.CreateSnapshots(pairs)).ConfigureAwait(false);
        IReadOnlyList<VolumeResponse> answer = [.. snapshots.Select(Answers.Of)];
        await WriteAsync(http, answer, Json.IReadOnlyListVolumeResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }
}
