using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tests.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Volumes on external origins, and the copying of those.</summary>
internal sealed class OriginOperations(WorkloadContext context, OriginImages images)
{
    private const int MaxChunksAtOnce = 6;

    /// <summary>What copies goes on where it was, whatever becomes of the layers meanwhile; of one pool only.</summary>
    private readonly Dictionary<uint, Hydrator> _hydrators = [];
    private ThinPool? _hydrated;

    internal Done? Create()
    {
        if (!context.HasRoom)
        {
            return null;
        }

        string name = context.NewName("o");
        int origin = context.Random.Next(images.Count);
        int sectors = context.Settings.MaxVolumeBytes / Geometry.SectorBytes;
        long? size = context.Random.Next(3) == 0 ? context.Random.Next(1, sectors) * Geometry.SectorBytes : null;
        long shown = context.Pool.CreateVolumeOn(name, images.PathOf(origin), size).SizeBytes;
        shown.Should().Be(size ?? (images.ContentOf(origin).Length + Geometry.SectorBytes - 1) / Geometry.SectorBytes * Geometry.SectorBytes);
        context.Model.Content.Files[name] = OriginFiles.Shown(images.ContentOf(origin), shown);
        return new Done($"create {name} of {shown} on {images.PathOf(origin)}", IsDurable: true);
    }

    /// <summary>Copies all that is left of an origin, and lets go of it.</summary>
    internal Done? Hydrate()
    {
        if (AnyOnOrigin() is not { } name)
        {
            return null;
        }

        JobState? state = context.Copy(() => context.Pool.Hydrate(name, settings => settings));
        if (state == JobState.Completed)
        {
            context.Pool.Find(name)!.ExternalOrigin.Should().BeNull();
        }

        return state is null ? null : new Done($"hydrate {name}, {state}", state == JobState.Completed);
    }

    /// <summary>Copies a few chunks.</summary>
    internal Done? HydrateSome()
    {
        if (context.Settings.IsBackground || AnyOnOrigin() is not { } name)
        {
            return null;
        }

        Hydrator hydrator = HydratorOf(name);
        int chunks = context.Random.Next(1, MaxChunksAtOnce);
        try
        {
            while (chunks-- > 0 && hydrator.CopyNext(CancellationToken.None, out _))
            {
            }
        }
        catch (PoolException e) when (Copies.IsWantOfSpace(e.Message))
        {
            return new Done($"no space to hydrate {name}", IsDurable: false);
        }

        return new Done($"hydrate some of {name}", IsDurable: false);
    }

    /// <summary>Moves a file that volumes read through to, and tells them where it is.</summary>
    internal Done? Move()
    {
        if (context.Settings.IsBackground)
        {
            return null;
        }

        int image = context.Random.Next(images.Count);
        string from = images.PathOf(image);
        images.Move(context.Test.Disk, image, context.NewName("moved"));
        string to = images.PathOf(image);
        while (context.Any(name => context.Pool.Find(name)!.ExternalOrigin?.Path == from) is { } volume)
        {
            context.Pool.PointOrigin(volume, to, force: false);
        }

        return new Done($"move {from} to {to}", IsDurable: false);
    }

    /// <summary>Goes on with the copying of every origin, to its end or as far as there is space.</summary>
    internal static void HydrateAll(ThinPool pool)
    {
        while (pool.Volumes(withExclusive: false).FirstOrDefault(info => info.ExternalOrigin is not null) is { } info)
        {
            using VolumeHandle handle = pool.Open(info.Id);
            Hydrator hydrator = pool.Hydration.HydratorOf(handle.Volume);
            try
            {
                while (hydrator.CopyNext(CancellationToken.None, out _))
                {
                }
            }
            catch (PoolException e) when (Copies.IsWantOfSpace(e.Message))
            {
                return;
            }

            hydrator.LetGo(CancellationToken.None).Should().BeTrue();
        }
    }

    private string? AnyOnOrigin() => context.Any(name => context.Pool.Find(name)!.ExternalOrigin is not null);

    private Hydrator HydratorOf(string name)
    {
        if (_hydrated != context.Pool)
        {
            _hydrators.Clear();
            _hydrated = context.Pool;
        }

        using VolumeHandle handle = context.Test.Handle(name);
        uint origin = OriginAdmin.BottomOf(handle.Volume.Head).Origin!.Id;
        return _hydrators.TryGetValue(origin, out Hydrator? hydrator)
            ? hydrator
            : _hydrators[origin] = context.Pool.Hydration.HydratorOf(handle.Volume);
    }
}
