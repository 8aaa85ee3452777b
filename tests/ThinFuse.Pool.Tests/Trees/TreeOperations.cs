using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What makes, joins and removes files of the snapshot tree.</summary>
internal sealed class TreeOperations(WorkloadContext context)
{
    private const int MaxGroup = 3;

    internal Done? Create()
    {
        if (!context.HasRoom)
        {
            return null;
        }

        string name = context.NewName("v");
        int size = context.Random.Next(1, (context.Settings.MaxVolumeBytes / Geometry.SectorBytes) + 1) * Geometry.SectorBytes;
        context.Pool.CreateVolume(name, size);
        context.Model.Content.Files[name] = new byte[size];
        return new Done($"create {name} {size}", IsDurable: true);
    }

    /// <summary>Snapshots of one or several files at one instant.</summary>
    internal Done? Snapshot()
    {
        if (!context.HasRoom || context.Any() is not { } first)
        {
            return null;
        }

        bool isWritable = context.Random.Next(4) == 0;
        HashSet<string> origins = [first];
        int most = Math.Min(context.Settings.MaxFiles - context.Model.Content.Files.Count, context.Random.Next(4) == 0 ? MaxGroup : 1);
        while (origins.Count < most && origins.Add(context.Any()!))
        {
        }

        (string Volume, string Snapshot)[] pairs = [.. origins.Select(origin => (origin, context.NewSnapshotName(origin, isWritable ? 'w' : 's')))];
        context.Pool.CreateSnapshots(pairs, isWritable);
        foreach ((string volume, string snapshot) in pairs)
        {
            context.Model.Content.Files[snapshot] = context.Model.Content[volume];
        }

        return new Done($"snapshot {string.Join(" and ", pairs)}", IsDurable: true);
    }

    internal Done? Clone()
    {
        if (!context.HasRoom || context.Any() is not { } source)
        {
            return null;
        }

        string clone = context.NewName("c");
        context.Pool.Clone(source, clone);
        context.Model.Content.Files[clone] = context.Model.Content[source];
        return new Done($"clone {source} {clone}", IsDurable: true);
    }

    /// <summary>Clones into a volume that is there already, and empty.</summary>
    internal Done? CloneInto()
    {
        if (!context.HasRoom || context.Any() is not { } source)
        {
            return null;
        }

        string name = context.NewName("i");
        context.Pool.CreateVolume(name, 0);
        context.Model.Content.Files[name] = [];
        context.MayStopHere();
        bool isDone = false;
        context.With(source, from => context.With(name, to => isDone = context.Pool.TryCloneInto(from, to)));
        isDone.Should().BeTrue();
        context.Model.Content.Files[name] = context.Model.Content[source];
        return new Done($"clone {source} into {name}", IsDurable: true);
    }

    internal Done? RollBack()
    {
        if (context.Any(name => name.Contains('@')) is not { } snapshot || TestPool.RollbackTarget(context.Pool, snapshot) is not { } volume
            || context.Model.IsReceiving(volume))
        {
            return null;
        }

        string? kept = context.HasRoom && context.Random.Next(2) == 0 ? context.NewSnapshotName(volume, 'k') : null;
        context.Pool.RollBack(snapshot, new RollbackOptions(DiscardCurrent: kept is null, KeepAs: kept?.Split('@')[1])).Kept?.Name.Should().Be(kept);
        ModelPool content = context.Model.Content;
        if (kept is not null)
        {
            content.Files[kept] = content[volume];
        }

        content.Files[volume] = content[snapshot];
        context.Model.CutPromise(volume, context.Pool.Geometry);
        return new Done($"roll {volume} back to {snapshot}, keep {kept ?? "nothing"}", IsDurable: true);
    }

    /// <summary>Flattens; what it copied before it found no room changes nothing that is seen.</summary>
    internal Done? Flatten()
    {
        if (context.Any(name => !WholeModel.IsReadOnly(name)) is not { } name)
        {
            return null;
        }

        JobState state;
        try
        {
            state = Copies.RunToEnd(context.Pool, context.Pool.Flatten(name, new JobSettings()));
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.Usage && context.Pool.Find(name)!.ExternalOrigin is not null)
        {
            // Only its origin lies below it: that is hydrated, not flattened.
            return null;
        }

        if (state == JobState.Completed)
        {
            context.Pool.Find(name).Should().Match<VolumeInfo>(info => info.OriginId == 0 && info.ExternalOrigin == null);
        }

        return new Done($"flatten {name}, {state}", state == JobState.Completed);
    }

    /// <summary>Copies a chunk of what lies below, as a flatten that was broken off has.</summary>
    internal Done? FlattenSome()
    {
        if (context.AnyWritable() is not { } name)
        {
            return null;
        }

        long chunk = context.Random.NextInt64(context.Pool.Geometry.ChunksFor(context.Model.Content[name].Length) + 1);
        context.With(name, handle => context.Pool.Allocation.CopyUp(handle.Volume, chunk));
        return new Done($"flatten chunk {chunk} of {name}", IsDurable: false);
    }

    /// <summary>Deletes; what is held is refused.</summary>
    internal Done? Delete()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        if (context.Model.HoldersOf(name).Length != 0)
        {
            FluentActions.Invoking(() => context.Pool.Delete(name)).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Busy);
            return new Done($"{name} is held", IsDurable: false);
        }

        context.Pool.Delete(name);
        context.Model.Forget(name);
        return new Done($"delete {name}", IsDurable: true);
    }

    internal Done? Rename()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        // What follows the @ keeps its first letter, which says what it is; before it, a snapshot may get another volume's name.
        string to = name.Contains('@') ? context.NewSnapshotName(context.Any()!, name[name.IndexOf('@') + 1]) : context.NewName("n");
        context.Pool.Rename(name, to);
        context.Model.Rename(name, to);
        return new Done($"rename {name} {to}", IsDurable: true);
    }

    internal Done? Hold()
    {
        if (context.Any(name => name.Contains('@') && context.Model.HoldersOf(name).Length == 0) is not { } name)
        {
            return null;
        }

        string by = context.NewName("by");
        context.Pool.Hold(name, by);
        context.Model.Hold(name, by);
        return new Done($"hold {name}", IsDurable: true);
    }

    internal Done? Release()
    {
        if (context.Any(name => context.Model.HoldersOf(name).Length != 0) is not { } name)
        {
            return null;
        }

        string by = context.Model.HoldersOf(name)[0];
        context.Pool.Release(name, by);
        context.Model.Release(name, by);
        return new Done($"release {name}", IsDurable: true);
    }
}
