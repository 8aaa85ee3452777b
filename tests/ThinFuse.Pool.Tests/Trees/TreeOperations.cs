using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What makes files of the snapshot tree, and joins and parts their contents.</summary>
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
        RollbackOptions options = new(DiscardCurrent: kept is null, Force: context.Settings.IsBackground, KeepAs: kept?.Split('@')[1]);
        context.Pool.RollBack(snapshot, options).Kept?.Name.Should().Be(kept);
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

        JobState? state;
        try
        {
            state = context.Copy(() => context.Pool.Flatten(name, new JobSettings()));
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

        return state is null ? null : new Done($"flatten {name}, {state}", state == JobState.Completed);
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
}
