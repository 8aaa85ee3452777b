using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tests.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Volumes on external origins, and the copying of those.</summary>
internal sealed class OriginOperations
{
    private const int MaxChunksAtOnce = 6;
    private readonly WorkloadContext _context;
    private readonly byte[][] _contents;
    private readonly string[] _names = ["o0", "o1", "o2"];

    /// <summary>What copies goes on where it was, whatever becomes of the layers meanwhile; of one pool only.</summary>
    private readonly Dictionary<uint, Hydrator> _hydrators = [];
    private ThinPool? _hydrated;

    /// <summary>Makes the origins, on the pool's disk.</summary>
    internal OriginOperations(WorkloadContext context, int seed)
    {
        _context = context;
        _contents =
        [
            OriginFiles.Make(context.Test.Disk, _names[0], seed, 100_077),
            OriginFiles.Make(context.Test.Disk, _names[1], seed + 1, 200 << 10, (16 << 10, 80 << 10), (120_000 / 4096 * 4096, 140_000 / 4096 * 4096)),
            OriginFiles.Make(context.Test.Disk, _names[2], seed + 2, 37 << 10),
        ];
    }

    internal Done? Create()
    {
        if (!_context.HasRoom)
        {
            return null;
        }

        string name = _context.NewName("o");
        int origin = _context.Random.Next(_names.Length);
        int sectors = _context.Settings.MaxVolumeBytes / Geometry.SectorBytes;
        long? size = _context.Random.Next(3) == 0 ? _context.Random.Next(1, sectors) * Geometry.SectorBytes : null;
        long shown = _context.Pool.CreateVolumeOn(name, OriginFiles.PathOf(_names[origin]), size).SizeBytes;
        shown.Should().Be(size ?? (_contents[origin].Length + Geometry.SectorBytes - 1) / Geometry.SectorBytes * Geometry.SectorBytes);
        _context.Model.Content.Files[name] = OriginFiles.Shown(_contents[origin], shown);
        return new Done($"create {name} of {shown} on {_names[origin]}", IsDurable: true);
    }

    /// <summary>Copies all that is left of an origin, and lets go of it.</summary>
    internal Done? Hydrate()
    {
        if (AnyOnOrigin() is not { } name)
        {
            return null;
        }

        JobState state = Copies.RunToEnd(_context.Pool, _context.Pool.Hydrate(name, settings => settings));
        if (state == JobState.Completed)
        {
            _context.Pool.Find(name)!.ExternalOrigin.Should().BeNull();
        }

        return new Done($"hydrate {name}, {state}", state == JobState.Completed);
    }

    /// <summary>Copies a few chunks.</summary>
    internal Done? HydrateSome()
    {
        if (AnyOnOrigin() is not { } name)
        {
            return null;
        }

        Hydrator hydrator = HydratorOf(name);
        int chunks = _context.Random.Next(1, MaxChunksAtOnce);
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
        int origin = _context.Random.Next(_names.Length);
        (string from, _names[origin]) = (OriginFiles.PathOf(_names[origin]), _context.NewName("moved"));
        string to = OriginFiles.PathOf(_names[origin]);
        _context.Test.Disk.Rename(from, to);
        _context.Test.Disk.SyncDirectory(OriginFiles.Directory);
        while (_context.Any(name => _context.Pool.Find(name)!.ExternalOrigin?.Path == from) is { } volume)
        {
            _context.Pool.PointOrigin(volume, to, force: false);
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

    private string? AnyOnOrigin() => _context.Any(name => _context.Pool.Find(name)!.ExternalOrigin is not null);

    private Hydrator HydratorOf(string name)
    {
        if (_hydrated != _context.Pool)
        {
            _hydrators.Clear();
            _hydrated = _context.Pool;
        }

        using VolumeHandle handle = _context.Test.Handle(name);
        uint origin = OriginAdmin.BottomOf(handle.Volume.Head).Origin!.Id;
        return _hydrators.TryGetValue(origin, out Hydrator? hydrator)
            ? hydrator
            : _hydrators[origin] = _context.Pool.Hydration.HydratorOf(handle.Volume);
    }
}
