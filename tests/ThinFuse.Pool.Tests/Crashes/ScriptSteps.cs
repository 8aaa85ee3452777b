using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Chooses steps: writes of all alignments, discards, zeroes, snapshots, clones, deletions, rollbacks, sizes, reserves and the pool's own work.</summary>
internal sealed class ScriptSteps(Random random)
{
    private const int UsualBytes = 40 << 10;
    private const int MaxBytes = 72 << 10;
    private const int MaxFiles = 7;
    private const int Sector = Geometry.SectorBytes;
    private const int Block = TestPool.BlockBytes;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private int _names;

    internal ScriptStep Next(ThinPool pool, ModelPool model)
    {
        string[] volumes = [.. model.Files.Keys.Where(name => !name.Contains('@') || name.Contains("@w"))];
        if (volumes.Length == 0 || random.Next(20) == 0)
        {
            string name = $"v{_names++}";
            return new($"create {name}", true, it => it.CreateVolume(name, UsualBytes), it => it.Files[name] = new byte[UsualBytes]);
        }

        string volume = volumes[random.Next(volumes.Length)];
        int choice = random.Next(100);
        return choice switch
        {
            < 38 => Write(volume, model[volume].Length),
            < 44 => Handle($"flush {volume}", true, volume, handle => handle.Flush(), _ => { }),
            < 53 => Punch(volume, model[volume].Length),
            < 57 => Zero(volume, model[volume].Length),
            < 80 => OfTree(pool, model, volume, model.Files.Keys.ElementAt(random.Next(model.Files.Count))),
            < 86 => Resize(volume, model[volume].Length),
            < 90 => Reserve(volume),
            _ => OfPool(volume),
        };
    }

    private ScriptStep Write(string volume, int size)
    {
        int unit = Unit();
        int offset = random.Next(size / unit + 1) * unit;
        byte[] data = new byte[Math.Max(1, random.Next(1, 1 + (28 << 10) / unit)) * unit];
        random.NextBytes(data);
        if (offset + data.Length > MaxBytes)
        {
            data = data[..Math.Max(1, MaxBytes - offset)];
        }

        return random.Next(3) == 0
            ? Deferred(volume, size, offset, data)
            : Handle(
                $"write {volume} {offset}+{data.Length}", false, volume, handle => handle.Write(offset, data), model => model.Write(volume, offset, data));
    }

    /// <summary>Two writes that are acknowledged together; one, if it makes the volume longer.</summary>
    private ScriptStep Deferred(string volume, int size, int offset, byte[] data)
    {
        // They share no sector, for each sector must be as it is in one of the states.
        int middle = Math.Min(data.Length, (Math.Max(1, (offset + (data.Length / 2)) / Sector) * Sector) - offset);
        middle = middle <= 0 || offset + data.Length > size ? data.Length : middle;
        return Handle($"write {volume} {offset}+{middle}+{data.Length - middle}, deferred", false, volume, (pool, handle) =>
        {
            try
            {
                DeferredWrite.Publish(handle, offset, data.AsSpan(0, middle));
                if (middle < data.Length)
                {
                    DeferredWrite.Publish(handle, offset + middle, data.AsSpan(middle));
                }
            }
            finally
            {
                // Before anything is told, be it that the second was refused.
                pool.Settle();
            }
        }, model => model.Write(volume, offset, data));
    }

    private ScriptStep Punch(string volume, int size)
    {
        int unit = Unit();
        int offset = random.Next(size / unit + 1) * unit;
        int length = random.Next(1, 1 + (32 << 10) / unit) * unit;
        return Handle($"punch {volume} {offset}+{length}", false, volume, handle => handle.Punch(offset, length), model => model.Punch(volume, offset, length));
    }

    private ScriptStep Zero(string volume, int size)
    {
        int offset = random.Next(size / Sector + 1) * Sector;
        int length = random.Next(1, 33) * Sector;
        return random.Next(3) == 0
            ? Handle($"allocate {volume} {offset}+{length}", false, volume, handle => handle.Allocate(offset, length), _ => { })
            : Handle(
                $"zero {volume} {offset}+{length}", false, volume, handle => handle.ProvisionZeros(offset, length),
                model => model.Punch(volume, offset, length));
    }

    private ScriptStep Resize(string volume, int size)
    {
        int bytes = random.Next(2) == 0 ? Math.Min(MaxBytes, size + (random.Next(1, 40) * Sector)) : random.Next(size / Sector + 1) * Sector;
        return new($"resize {volume} {bytes}", true, pool => pool.Resize(volume, bytes), model => model.Resize(volume, bytes));
    }

    private ScriptStep Reserve(string volume)
    {
        ReservePolicy policy = random.Next(3) switch
        {
            0 => ReservePolicy.None,
            1 => ReservePolicy.Full,
            _ => ReservePolicy.Emergency(random.Next(1, 4) * CrashPool.ChunkBytes),
        };
        return Handle($"reserve {policy.Mode} for {volume}", true, volume, handle => handle.SetReserve(policy), _ => { });
    }

    private ScriptStep OfTree(ThinPool pool, ModelPool model, string volume, string any)
    {
        bool mayAdd = model.Files.Count < MaxFiles;
        return random.Next(20) switch
        {
            < 7 when mayAdd => Snapshot(any),
            < 10 when mayAdd => Clone(any),
            < 13 when mayAdd && any.Contains('@') && TestPool.RollbackTarget(pool, any) is { } target => RollBack(any, target),
            < 14 => Rename(volume),
            < 15 => Flatten(volume),
            _ => new($"delete {any}", true, it => it.Delete(any), it => it.Files.Remove(any)),
        };
    }

    private ScriptStep Snapshot(string of)
    {
        bool isWritable = random.Next(4) == 0;
        string snapshot = $"{of.Split('@')[0]}@{(isWritable ? 'w' : 's')}{_names++}";
        return new(
            $"snapshot {of} as {snapshot}", true, pool => pool.CreateSnapshots([(of, snapshot)], isWritable), model => model.Files[snapshot] = model[of]);
    }

    private ScriptStep Clone(string of)
    {
        string clone = $"c{_names++}";
        return new($"clone {of} as {clone}", true, pool => pool.Clone(of, clone), model => model.Files[clone] = model[of]);
    }

    private ScriptStep Rename(string volume)
    {
        string name = volume.Contains('@') ? $"{volume.Split('@')[0]}@w{_names++}" : $"r{_names++}";
        return new($"rename {volume} to {name}", true, pool => pool.Rename(volume, name), model =>
        {
            model.Files[name] = model[volume];
            model.Files.Remove(volume);
        });
    }

    private ScriptStep RollBack(string snapshot, string volume)
    {
        string? kept = random.Next(2) == 0 ? $"k{_names++}" : null;
        RollbackOptions options = kept is null ? new RollbackOptions(DiscardCurrent: true) : new RollbackOptions(KeepAs: kept);
        return new($"roll {volume} back to {snapshot}{(kept is null ? "" : $", keep {kept}")}", true, pool => pool.RollBack(snapshot, options), model =>
        {
            if (kept is not null)
            {
                model.Files[$"{volume.Split('@')[0]}@{kept}"] = model[volume];
            }

            model.Files[volume] = model[snapshot];
        });
    }

    /// <summary>
    /// In a pool of few extents it may find no room on its way, and then waits for what nobody will free; what it copied until then changes nothing that is
    /// seen.
    /// </summary>
    private static ScriptStep Flatten(string volume) => new($"flatten {volume}", false, pool =>
    {
        JobInfo job;
        try
        {
            job = pool.Flatten(volume, new JobSettings());
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.Busy)
        {
            // A crash cut it short before, and it goes on when it is told to.
            return;
        }

        SpinWait.SpinUntil(() => pool.Jobs.Find(job.Id).State != JobState.Running, Patience).Should().BeTrue("it ends, or waits for space");
        if (!pool.Jobs.Find(job.Id).HasEnded)
        {
            pool.Jobs.Cancel(job.Id);
        }
    }, _ => { });

    private ScriptStep OfPool(string volume) => random.Next(10) switch
    {
        < 4 => new("reclaim", false, pool => pool.ReclaimNow(), _ => { }),
        < 7 => new("checkpoint", true, pool => pool.Checkpoint(), _ => { }),
        < 8 => new("add an extent", true, pool => pool.Grow(pool.Status().TotalBytes + CrashPool.ChunkBytes), _ => { }),
        _ => Handle($"flush {volume}", true, volume, handle => handle.Flush(), _ => { }),
    };

    private int Unit() => random.Next(10) switch
    {
        < 4 => Sector,
        < 7 => Block,
        < 8 => CrashPool.ChunkBytes,
        _ => 1,
    };

    private static ScriptStep Handle(string what, bool isDurable, string name, Action<VolumeHandle> act, Action<ModelPool> apply) =>
        Handle(what, isDurable, name, (_, handle) => act(handle), apply);

    private static ScriptStep Handle(string what, bool isDurable, string name, Action<ThinPool, VolumeHandle> act, Action<ModelPool> apply) =>
        new(what, isDurable, pool =>
        {
            using VolumeHandle handle = pool.Open((pool.Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, name)).Id);
            act(pool, handle);
        }, apply);
}
