using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>Random steps on a small pool and beside it: what must be refused is, and nothing else.</summary>
internal sealed class PromiseModelRun(TestPool test, int seed, bool refusesPunches = false)
{
    private const int Chunk = 16 << 10;
    private const int Block = 4096;
    private const int MostChunks = 12;
    private const int MaxFiles = 7;
    private readonly Random _random = new(seed);
    private int _names;

    internal ModelPool Content { get; } = new();

    internal PromiseModel Promises { get; } = new();

    /// <summary>Promises that were refused.</summary>
    internal int RefusedPromises { get; private set; }

    /// <summary>Writes that were refused.</summary>
    internal int RefusedWrites { get; private set; }

    /// <summary>Writes that went through in a pool without free space, by a promise.</summary>
    internal int PromisedWrites { get; private set; }

    private ThinPool Pool => test.Pool;

    private long Free => Pool.Status().FreeBytes / Chunk;

    internal (string What, bool IsDurable) Step()
    {
        int choice = _random.Next(100);
        return Content.Files.Count == 0 || (choice < 6 && Content.Files.Count < MaxFiles) ? Create()
            : choice < 45 ? Write()
            : choice < 54 ? Provision()
            : choice < 62 ? SetPolicy()
            : choice < 70 && !refusesPunches ? Punch()
            : choice < 82 ? Derive()
            : choice < 89 ? Delete()
            : choice < 93 ? Resize()
            : choice < 97 ? Reclaim()
            : Flush();
    }

    internal void CompareAll(string when)
    {
        PoolContent.MustMatch(Pool, Content.Files, when);
        MustHold(when);
    }

    internal void MustHold(string when)
    {
        Promises.MustHold(Pool, MostChunks * 2, when);
        Pool.Check().Problems.Should().BeEmpty(when);
    }

    private (string What, bool IsDurable) Create()
    {
        string name = $"v{_names++}";
        int chunks = _random.Next(1, MostChunks);
        ReservePolicy policy = AnyPolicy();
        long needed = policy.Mode == ReserveMode.Full ? chunks : PromiseModel.EmergencyWanted(Pool, policy);
        if (MayPromise(needed, () => Pool.CreateVolume(name, chunks * Chunk, policy)))
        {
            Content.Files[name] = new byte[chunks * Chunk];
            Promises.SetPolicy(name, policy);
        }

        return ($"create {name} {chunks} {policy.Mode}", true);
    }

    private (string What, bool IsDurable) Write()
    {
        string name = AnyVolume();
        int size = Content[name].Length;
        int offset = _random.Next(Math.Max(1, size / 512)) * 512;
        byte[] data = new byte[_random.Next(1, 80) * 512];
        _random.NextBytes(data);
        long[] touched = [.. PromiseModel.Range(offset / Chunk, (offset + data.Length - 1) / Chunk + 1)];
        if (offset + data.Length > MostChunks * Chunk)
        {
            return ("nothing", false);
        }

        long free = Free;
        HashSet<long> promised = [.. Promises.Promised(Pool, name)];
        bool isPromised = touched.All(promised.Contains) && offset + data.Length <= size;
        using VolumeHandle handle = test.Handle(name);
        bool needsSpace = touched.Any(chunk => !Pool.Core.Table.Get(handle.Volume.Head.Id, chunk).HasExtent);
        try
        {
            handle.Write(offset, data);
            PromisedWrites += isPromised && needsSpace && free == 0 ? 1 : 0;
            Content.Write(name, offset, data);
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            RefusedWrites++;
            isPromised.Should().BeFalse($"a promised write never fails: {name} {offset}+{data.Length}, seed {seed}");
            needsSpace.Should().BeTrue();
            free.Should().BeLessThan(touched.Length + MostChunks);
        }

        return ($"write {name} {offset}+{data.Length}", false);
    }

    private (string What, bool IsDurable) Provision()
    {
        string name = AnyVolume();
        using VolumeHandle handle = test.Handle(name);
        long size = Pool.Geometry.ChunksFor(handle.SizeBytes);
        long first = _random.NextInt64(size + 1);
        long end = Math.Min(size, first + _random.Next(1, 6));
        HashSet<long> promised = [.. Promises.Promised(Pool, name)];
        long more = PromiseModel.Range(first, end)
            .Count(chunk => !promised.Contains(chunk) && !Pool.Core.Table.Get(handle.Volume.Head.Id, chunk).HasExtent);
        bool zeroes = !refusesPunches && _random.Next(4) == 0;
        if (MayPromise(more, () => Provision(handle, first, end, zeroes)))
        {
            Promises.Provision(name, PromiseModel.Range(first, end));
            if (zeroes)
            {
                Content.Punch(name, first * Chunk, (end - first) * Chunk);
            }
        }

        return ($"provision {name} {first}-{end}", !zeroes);
    }

    private static void Provision(VolumeHandle handle, long first, long end, bool zeroes)
    {
        if (zeroes)
        {
            handle.ProvisionZeros(first * Chunk, (end - first) * Chunk);
        }
        else
        {
            handle.Provision(first * Chunk, (end - first) * Chunk);
        }
    }

    private (string What, bool IsDurable) SetPolicy()
    {
        string name = AnyVolume();
        ReservePolicy policy = AnyPolicy();
        PromiseModel after = Promises.Copy();
        after.SetPolicy(name, policy);
        long needed = Promises.Needed(Pool, name);
        long kept = (Pool.Find(name)!.ReservedBytes / Chunk) - needed;
        long wanted = PromiseModel.EmergencyWanted(Pool, policy);
        bool topsUp = wanted != PromiseModel.EmergencyWanted(Pool, Promises.PolicyOf(name));
        using VolumeHandle handle = test.Handle(name);
        if (MayPromise(after.Needed(Pool, name) - needed + (topsUp ? wanted - kept : 0), () => handle.SetReserve(policy)))
        {
            Promises.SetPolicy(name, policy);
        }

        return ($"reserve {name} {policy.Mode}", true);
    }

    private (string What, bool IsDurable) Punch()
    {
        string name = AnyVolume();
        int size = Content[name].Length;
        int offset = _random.Next(1 + (size / Block)) * Block;
        int end = Math.Min(size, offset + (_random.Next(1, 17) * Block));
        using VolumeHandle handle = test.Handle(name);
        handle.Punch(offset, Math.Max(0, end - offset));
        Content.Punch(name, offset, Math.Max(0, end - offset));
        Promises.Release(name, chunk => chunk * Chunk >= offset && Math.Min(size, (chunk + 1) * Chunk) <= end);
        return ($"punch {name} {offset}-{end}", false);
    }

    private (string What, bool IsDurable) Derive()
    {
        string origin = Content.Files.Keys.ElementAt(_random.Next(Content.Files.Count));
        if (Content.Files.Count >= MaxFiles)
        {
            return Delete();
        }

        bool isSnapshot = _random.Next(3) != 0;
        string name = isSnapshot ? $"{origin.Split('@')[0]}@s{_names++}" : $"c{_names++}";
        bool isVolume = !origin.Contains('@');
        long more = isVolume ? Promises.Promised(Pool, origin).Count() - Promises.Needed(Pool, origin) : 0;
        if (MayPromise(more, () => Make(origin, name, isSnapshot)))
        {
            Content.Files[name] = Content[origin];
        }

        return ($"derive {name} from {origin}", true);
    }

    private void Make(string origin, string name, bool isSnapshot)
    {
        if (isSnapshot)
        {
            Pool.CreateSnapshot(origin, name);
        }
        else
        {
            Pool.Clone(origin, name);
        }
    }

    private (string What, bool IsDurable) Delete()
    {
        string name = Content.Files.Keys.ElementAt(_random.Next(Content.Files.Count));
        Pool.Delete(name);
        Content.Files.Remove(name);
        Promises.Forget(name);
        return ($"delete {name}", true);
    }

    private (string What, bool IsDurable) Resize()
    {
        string name = AnyVolume();
        long before = Pool.Geometry.ChunksFor(Content[name].Length);
        long chunks = refusesPunches ? Math.Min(MostChunks, before + _random.Next(1, 4)) : _random.Next(1, MostChunks);
        long more = Promises.PolicyOf(name).Mode == ReserveMode.Full && chunks > before ? chunks - before : 0;
        using VolumeHandle handle = test.Handle(name);
        if (MayPromise(more, () => handle.Resize(chunks * Chunk)))
        {
            Content.Resize(name, chunks * Chunk);
            Promises.Release(name, chunk => chunk >= chunks);
        }

        return ($"resize {name} {chunks}", true);
    }

    private (string What, bool IsDurable) Reclaim()
    {
        Pool.ReclaimNow();
        return ("reclaim", false);
    }

    private (string What, bool IsDurable) Flush()
    {
        Pool.Commit();
        return ("flush", true);
    }

    /// <summary>Makes a promise that needs so many extents more; false when it was refused, as it is exactly when they are not free.</summary>
    private bool MayPromise(long more, Action promise)
    {
        long free = Free;
        try
        {
            promise();
            more.Should().BeLessThanOrEqualTo(free, $"what is not there is not promised, seed {seed}");
            return true;
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            RefusedPromises++;
            more.Should().BeGreaterThan(free, $"what is there is promised, seed {seed}: {e.Message}");
            e.Message.Should().Contain($"{(more - free) * Chunk} are missing");
            return false;
        }
    }

    private ReservePolicy AnyPolicy() => _random.Next(3) switch
    {
        0 => ReservePolicy.None,
        1 => ReservePolicy.Full,
        _ => ReservePolicy.Emergency(_random.Next(1, 4) * Chunk),
    };

    private string AnyVolume()
    {
        string[] volumes = [.. Content.Files.Keys.Where(name => !name.Contains('@'))];
        if (volumes.Length != 0)
        {
            return volumes[_random.Next(volumes.Length)];
        }

        string name = $"v{_names++}";
        Pool.CreateVolume(name, Chunk);
        Content.Files[name] = new byte[Chunk];
        return name;
    }
}
