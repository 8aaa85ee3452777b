using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Daemon.Control.Server.JsonExchange;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Volumes, and snapshots where they are alike: list, create, resize, rename, delete.</summary>
internal static class VolumeEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, ControlContext context)
    {
        routes.MapGet(ControlRoutes.Volumes, http => ListAsync(http, context.Pool));
        routes.MapPost(ControlRoutes.Volumes, http => CreateAsync(http, context));
        routes.MapPatch(ControlRoutes.Volume, http => UpdateAsync(http, context));
        routes.MapPost(ControlRoutes.Provision, http => ProvisionAsync(http, context.Pool));
        routes.MapDelete(ControlRoutes.Volume, http => DeleteAsync(http, context.Pool));
    }

    private static async Task ListAsync(HttpContext http, ThinPool pool)
    {
        IReadOnlyList<VolumeInfo> volumes = await EngineThread.RunAsync(() => pool.Volumes()).ConfigureAwait(false);
        IReadOnlyList<VolumeResponse> answer = [.. volumes.OrderBy(volume => volume.Name, StringComparer.Ordinal).Select(Answers.Of)];
        await WriteAsync(http, answer, Json.IReadOnlyListVolumeResponse).ConfigureAwait(false);
    }

    private static async Task CreateAsync(HttpContext http, ControlContext context)
    {
        VolumeCreateRequest request = await ReadAsync(http, Json.VolumeCreateRequest).ConfigureAwait(false);
        VolumeInfo volume = await EngineThread.RunAsync(() => Create(context, request)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(volume), Json.VolumeResponse, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static VolumeInfo Create(ControlContext context, VolumeCreateRequest request)
    {
        if (request.SizeBytes is { } size)
        {
            MustBePositive(size);
        }

        ReservePolicy reserve = Reserves.Apply(request.Reserve, request.ReserveWhen, ReservePolicy.None);
        return request.OriginPath is { } path
            ? context.Pool.CreateVolumeOn(request.Name, OriginPath.Check(path, context.Mount.MountPoint), request.SizeBytes, reserve)
            : context.Pool.CreateVolume(
                request.Name, request.SizeBytes ?? throw new PoolException(PoolErrorKind.Usage, "a volume needs a size, or an origin that has one"), reserve);
    }

    private static async Task UpdateAsync(HttpContext http, ControlContext context)
    {
        string name = NameOf(http);
        VolumeUpdateRequest request = await ReadAsync(http, Json.VolumeUpdateRequest).ConfigureAwait(false);
        VolumeInfo volume = await EngineThread.RunAsync(() => Update(context, name, request)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(volume), Json.VolumeResponse).ConfigureAwait(false);
    }

    private static async Task ProvisionAsync(HttpContext http, ThinPool pool)
    {
        string name = NameOf(http);
        ProvisionRequest request = await ReadAsync(http, Json.ProvisionRequest).ConfigureAwait(false);
        VolumeInfo volume = await EngineThread.RunAsync(() => Provision(pool, name, request)).ConfigureAwait(false);
        await WriteAsync(http, Answers.Of(volume), Json.VolumeResponse).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ThinPool pool)
    {
        string name = NameOf(http);
        await EngineThread.RunAsync(() => pool.Delete(name)).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// The origin first, then the name, which can be refused for more reasons; a resize or a reserve that fails afterwards leaves the new name, and says so by the
    /// error alone.
    /// </summary>
    private static VolumeInfo Update(ControlContext context, string name, VolumeUpdateRequest request)
    {
        ThinPool pool = context.Pool;
        VolumeInfo before = pool.Find(name) ?? throw NotFound(name);
        if (request.SizeBytes is { } size)
        {
            MustBePositive(size);
        }

        if (request.OriginPath is { } path)
        {
            pool.PointOrigin(name, OriginPath.Check(path, context.Mount.MountPoint), request.Force == true);
        }

        if (request.NewName is { } newName && newName != name)
        {
            pool.Rename(name, newName);
            name = newName;
        }

        if (request.SizeBytes is { } sizeBytes)
        {
            pool.Resize(name, sizeBytes);
        }

        if (request.Reserve is not null || request.ReserveWhen is not null)
        {
            using VolumeHandle handle = pool.Open(before.Id);
            handle.SetReserve(Reserves.Apply(request.Reserve, request.ReserveWhen, before.Reserve));
        }

        return pool.Find(before.Id, withExclusive: true) ?? throw NotFound(name);
    }

    private static VolumeInfo Provision(ThinPool pool, string name, ProvisionRequest request)
    {
        VolumeInfo volume = pool.Find(name) ?? throw NotFound(name);
        long lengthBytes = request.LengthBytes ?? Math.Max(0, volume.SizeBytes - request.OffsetBytes);
        if (request.OffsetBytes < 0 || lengthBytes < 0)
        {
            throw new PoolException(PoolErrorKind.Usage, "a range begins at 0 or later, and is not shorter than nothing");
        }

        using VolumeHandle handle = pool.Open(volume.Id);
        handle.Provision(request.OffsetBytes, lengthBytes);
        return pool.Find(volume.Id, withExclusive: true) ?? throw NotFound(name);
    }

    private static PoolException NotFound(string name) => new(PoolErrorKind.NotFound, $"there is no {name} in this pool");

    private static void MustBePositive(long sizeBytes)
    {
        if (sizeBytes <= 0)
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"{sizeBytes} is no size for a volume; use a positive multiple of {Geometry.SectorBytes} bytes");
        }
    }

    private static string NameOf(HttpContext http) => (string)http.Request.RouteValues["name"]!;
}
