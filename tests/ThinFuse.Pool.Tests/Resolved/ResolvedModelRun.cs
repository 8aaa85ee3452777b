using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>Random steps on a pool and on its model, most of them on volumes with many snapshots.</summary>
internal sealed class ResolvedModelRun(TestPool test, int seed)
{
    private const int MaxVolumeBytes = 256 << 10;
    private const int MaxFiles = 14;
    private readonly Random _random = new(seed);
    private int _names;

    internal ModelPool Model { get; } = new();

    /// <summary>Steps that the small pool refused.</summary>
    internal int Refused { get; private set; }

    /// <summary>Most layers that a volume was read through.</summary>
    internal int Deepest { get; private set; }

    internal string Step()
    {
        string what = "";
        try
        {
            what = Act();
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            Refused++;
            test.Pool.ReclaimNow();
            what = "refused for space";
        }

        CompareAllocated(what);
        return what;
    }

    /// <summary>What is told of a volume's space is what the layers own that it reads through, whatever was merged or dropped.</summary>
    private void CompareAllocated(string when)
    {
        foreach (VolumeInfo info in test.Pool.Volumes(false))
        {
            using VolumeHandle handle = test.Pool.Open(info.Id);
            long extents = 0;
            for (Tree.Layer? layer = handle.Volume.Head; layer is not null; layer = layer.Parent)
            {
                extents += layer.OwnedCount;
            }

            long most = test.Pool.Geometry.ChunksFor(info.SizeBytes);
            info.AllocatedBytes.Should().Be(Math.Min(extents, most) * test.Pool.Geometry.ChunkBytes, $"{info.Name} after {when}, seed {seed}");
        }
    }

    private string Act() => _random.Next(100) switch
    {
        _ when Model.Files.Count == 0 => Create(),
        < 4 => Create(),
        < 34 => Write(),
        < 46 => Punch(),
        < 50 => Allocate(),
        < 68 => Snapshot(),
        < 72 => Clone(),
        < 76 => CloneInto(),
        < 86 => Delete(),
        < 92 => Resize(),
        < 97 => Reclaim(),
        _ => Commit(),
    };

    private string Create()
    {
        if (Model.Files.Count >= MaxFiles)
        {
            return Delete();
        }

        string name = $"v{_names++}";
        int size = _random.Next(1, MaxVolumeBytes / 512) * 512;
        test.Pool.CreateVolume(name, size);
        Model.Files[name] = new byte[size];
        return $"create {name} {size}";
    }

    private string Write()
    {
        (string name, long offset, int length) = Range();
        byte[] data = new byte[length];
        _random.NextBytes(data);
        With(name, handle => handle.Write(offset, data));
        Model.Write(name, offset, data);
        return $"write {name} {offset}+{length}";
    }

    private string Punch()
    {
        (string name, long offset, int length) = Range();
        try
        {
            With(name, handle => handle.Punch(offset, length));
            Model.Punch(name, offset, length);
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            // Whole blocks are zero by now, and one edge or both are what they were.
            byte[] now = test.Read(name);
            byte[] before = Model[name];
            Model.Punch(name, offset, length);
            for (int i = 0; i < now.Length; i++)
            {
                (now[i] == before[i] || now[i] == Model[name][i]).Should().BeTrue($"byte {i} of {name}");
            }

            Model.Files[name] = now;
            throw;
        }

        return $"punch {name} {offset}+{length}";
    }

    private string Allocate()
    {
        (string name, long offset, int length) = Range();
        With(name, handle => handle.Allocate(offset, length));
        return $"allocate {name} {offset}+{length}";
    }

    private string Snapshot()
    {
        if (Model.Files.Count >= MaxFiles)
        {
            return Delete();
        }

        string origin = AnyVolume();
        string name = $"{origin}@s{_names++}";
        test.Pool.CreateSnapshot(origin, name);
        Model.Files[name] = Model[origin];
        return $"snapshot {name}";
    }

    private string Clone()
    {
        string origin = Any();
        string name = $"c{_names++}";
        test.Pool.Clone(origin, name);
        Model.Files[name] = Model[origin];
        return $"clone {origin} to {name}";
    }

    private string CloneInto()
    {
        string origin = Any();
        string target = AnyVolume();
        if (origin == target)
        {
            return Reclaim();
        }

        test.Pool.Resize(target, 0);
        Model.Resize(target, 0);
        With(origin, from => With(target, to => test.Pool.TryCloneInto(from, to).Should().BeTrue()));
        Model.Files[target] = Model[origin];
        return $"clone {origin} into {target}";
    }

    private string Delete()
    {
        string name = Any();
        test.Pool.Delete(name);
        Model.Files.Remove(name);
        return $"delete {name}";
    }

    private string Resize()
    {
        string name = AnyVolume();
        int size = _random.Next(MaxVolumeBytes / 512) * 512;
        test.Pool.Resize(name, size);
        Model.Resize(name, size);
        return $"resize {name} to {size}";
    }

    private string Reclaim()
    {
        test.Pool.ReclaimNow();
        return "reclaim";
    }

    private string Commit()
    {
        test.Pool.Commit();
        return "commit";
    }

    private string Any() => Model.Files.Keys.ElementAt(_random.Next(Model.Files.Count));

    private string AnyVolume()
    {
        string[] volumes = [.. Model.Files.Keys.Where(name => !name.Contains('@', StringComparison.Ordinal))];
        if (volumes.Length == 0)
        {
            Clone();
            volumes = [.. Model.Files.Keys.Where(name => !name.Contains('@', StringComparison.Ordinal))];
        }

        return volumes[_random.Next(volumes.Length)];
    }

    private (string Name, long Offset, int Length) Range()
    {
        string name = AnyVolume();
        int offset = _random.Next(MaxVolumeBytes);
        int length = _random.Next(1, _random.Next(6) == 0 ? 60_000 : 6_000);
        if (_random.Next(2) == 0)
        {
            (offset, length) = (offset / 4096 * 4096, (length + 4095) / 4096 * 4096);
        }

        return (name, offset, length);
    }

    private void With(string name, Action<VolumeHandle> action)
    {
        using VolumeHandle handle = test.Handle(name);
        int depth = 0;
        for (Tree.Layer? layer = handle.Volume.Head; layer is not null; layer = layer.Parent)
        {
            depth++;
        }

        Deepest = Math.Max(Deepest, depth);
        action(handle);
    }
}
