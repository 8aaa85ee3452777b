using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>Random operations on trees of volumes with and without external origins, each done to a pool and to plain arrays.</summary>
internal sealed class OriginWorkload
{
    private const int MaxFiles = 10;
    private const int MaxVolumeBytes = 320 << 10;
    private readonly Random _random;
    private readonly bool _mayShrink;
    private readonly byte[][] _origins;
    private int _names;

    /// <param name="disk">Gets the origins.</param>
    /// <param name="seed">Says what is done.</param>
    /// <param name="mayShrink">Whether volumes may become smaller, and be written in parts of sectors.</param>
    internal OriginWorkload(SimulatedDisk disk, int seed, bool mayShrink)
    {
        _random = new Random(seed);
        _mayShrink = mayShrink;
        _origins =
        [
            OriginFiles.Make(disk, "o0", seed, 100_077),
            OriginFiles.Make(disk, "o1", seed + 1, 200 << 10, (16 << 10, 80 << 10), (120_000 / 4096 * 4096, 140_000 / 4096 * 4096)),
            OriginFiles.Make(disk, "o2", seed + 2, 37 << 10),
        ];
    }

    internal ModelPool Model { get; } = new();

    /// <summary>Does one thing.</summary>
    /// <returns>What, and whether it is durable now.</returns>
    internal (string What, bool IsDurable) Step(ThinPool pool)
    {
        int choice = _random.Next(100);
        if (Model.Files.Count == 0 || (choice < 8 && Model.Files.Count < MaxFiles))
        {
            return Create(pool);
        }

        string any = Model.Files.Keys.ElementAt(_random.Next(Model.Files.Count));
        string[] volumes = [.. Model.Files.Keys.Where(name => !name.Contains('@'))];
        if (choice < 16 && Model.Files.Count < MaxFiles)
        {
            return Derive(pool, any);
        }

        if (choice < 23)
        {
            pool.Delete(any);
            Model.Files.Remove(any);
            return ($"delete {any}", true);
        }

        if (choice < 29)
        {
            pool.ReclaimNow();
            return ("reclaim", false);
        }

        if (choice < 40)
        {
            return Hydrate(pool, any);
        }

        if (choice < 43)
        {
            pool.Checkpoint();
            return ("checkpoint", true);
        }

        return volumes.Length == 0 ? ("nothing", false) : Change(pool, volumes[_random.Next(volumes.Length)], choice);
    }

    private (string What, bool IsDurable) Change(ThinPool pool, string volume, int choice)
    {
        int size = Model[volume].Length;
        using VolumeHandle handle = pool.Open(pool.Find(volume)!.Id);
        int unit = _mayShrink && _random.Next(2) == 0 ? 1 : 512;
        int offset = _random.Next((size / unit) + 1) * unit;
        int length = _random.Next(1, 40_000 / unit) * unit;
        if (choice < 72)
        {
            if (offset + length > MaxVolumeBytes)
            {
                return ("nothing", false);
            }

            byte[] data = new byte[length];
            _random.NextBytes(data);
            handle.Write(offset, data);
            Model.Write(volume, offset, data);
            return ($"write {volume} {offset}+{length}", false);
        }

        if (choice < 84)
        {
            (offset, length) = _mayShrink ? (offset, length) : (offset / 4096 * 4096, (length + 4095) / 4096 * 4096);
            handle.Punch(offset, length);
            Model.Punch(volume, offset, length);
            return ($"punch {volume} {offset}+{length}", false);
        }

        if (choice < 88)
        {
            handle.Allocate(offset, length);
            return ($"allocate {volume} {offset}+{length}", false);
        }

        if (choice < 92)
        {
            handle.Flush();
            return ("flush", true);
        }

        int newSize = _mayShrink ? _random.Next(MaxVolumeBytes / 512) * 512 : Math.Min(MaxVolumeBytes, size + (_random.Next(1, 64) * 512));
        handle.Resize(newSize);
        Model.Resize(volume, newSize);
        return ($"resize {volume} {newSize}", true);
    }

    private (string What, bool IsDurable) Create(ThinPool pool)
    {
        string name = $"v{_names++}";
        int origin = _random.Next(_origins.Length + 1);
        if (origin == _origins.Length)
        {
            pool.CreateVolume(name, 96 << 10);
            Model.Files[name] = new byte[96 << 10];
            return ($"create {name}", true);
        }

        long? size = _random.Next(3) == 0 ? _random.Next(1, MaxVolumeBytes / 512) * 512 : null;
        long shown = pool.CreateVolumeOn(name, OriginFiles.PathOf($"o{origin}"), size).SizeBytes;
        shown.Should().Be(size ?? (_origins[origin].Length + 511) / 512 * 512);
        Model.Files[name] = OriginFiles.Shown(_origins[origin], shown);
        return ($"create {name} on o{origin} of {shown}", true);
    }

    private (string What, bool IsDurable) Derive(ThinPool pool, string from)
    {
        string name = _random.Next(2) == 0 ? $"c{_names++}" : $"{from.Split('@')[0]}@s{_names++}";
        if (name.Contains('@'))
        {
            pool.CreateSnapshot(from, name);
        }
        else
        {
            pool.Clone(from, name);
        }

        Model.Files[name] = Model[from];
        return ($"derive {name} from {from}", true);
    }

    private (string What, bool IsDurable) Hydrate(ThinPool pool, string name)
    {
        if (pool.Find(name)!.ExternalOrigin is null)
        {
            return ("nothing", false);
        }

        if (_random.Next(2) == 0)
        {
            JobInfo job = pool.Jobs.WaitForEnd(pool.Hydrate(name, settings => settings).Id);
            job.State.Should().Be(JobState.Completed, job.Error);
            pool.Find(name)!.ExternalOrigin.Should().BeNull();
            return ($"hydrate {name}", true);
        }

        using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
        Hydrator hydrator = pool.Hydration.HydratorOf(handle.Volume);
        for (int chunks = _random.Next(6); chunks > 0 && hydrator.CopyNext(CancellationToken.None, out _); chunks--)
        {
        }

        return ($"hydrate some of {name}", false);
    }
}
