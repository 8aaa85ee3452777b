using System.Collections.Concurrent;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Origins;

/// <summary>Starts, pauses and ends the background copies of external origins, and has them go on after an opening. Thread-safe.</summary>
internal sealed class Hydration(PoolCore core, OriginAdmin origins, JobSet jobs, Reclaimer reclaimer, BounceBuffers bounces)
{
    /// <summary>The kind of its jobs.</summary>
    public const string JobKind = "hydrate";

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<uint, long> _jobOfOrigin = [];

    /// <summary>Has the rest of a volume's origin copied, for all that share it. Where that goes on already, only the settings are changed.</summary>
    /// <exception cref="PoolException">Usage: no external origin, or no rate; Busy: the volume has another job.</exception>
    public JobInfo Start(Volume volume, Func<JobSettings, JobSettings> change)
    {
        lock (_lock)
        {
            OriginRecord origin = OriginOf(volume);
            if (Living(origin.Id) is { } living)
            {
                return jobs.Change(living.Id, change);
            }

            JobSettings settings = change(new JobSettings(false, origin.BytesPerSecond));
            settings.Validate();
            jobs.MustBeIdle(volume);
            Remember(origin.Id, settings);
            core.Commit();
            return Run(volume, origin, settings);
        }
    }

    /// <summary>Changes the job of a volume's origin.</summary>
    /// <exception cref="PoolException">Usage: nothing is being copied.</exception>
    public JobInfo Change(Volume volume, Func<JobSettings, JobSettings> change) => jobs.Change(MustLive(volume).Id, change);

    /// <summary>Ends the copying of a volume's origin; what is copied stays, and the volume goes on reading the rest from the origin.</summary>
    /// <exception cref="PoolException">Usage: nothing is being copied.</exception>
    public JobInfo Stop(Volume volume) => jobs.Cancel(MustLive(volume).Id);

    /// <summary>Goes on with what was under way when the pool was closed.</summary>
    public void GoOn()
    {
        List<(Volume Volume, OriginRecord Origin)> unfinished = [];
        lock (core.MetadataLock)
        {
            foreach (Volume volume in core.Metadata.Volumes.OrderBy(volume => volume.Record.Name, StringComparer.Ordinal))
            {
                if (OriginAdmin.BottomOf(volume.Head).Origin is { Hydration: not HydrationState.Off } origin && jobs.Living(volume) is null
                    && !unfinished.Exists(other => other.Origin.Id == origin.Id))
                {
                    unfinished.Add((volume, origin));
                }
            }
        }

        lock (_lock)
        {
            unfinished.ForEach(one => Run(one.Volume, one.Origin, new JobSettings(one.Origin.Hydration == HydrationState.Paused, one.Origin.BytesPerSecond)));
        }
    }

    /// <summary>What copies the origin of a volume, for a caller that drives it itself.</summary>
    public Hydrator HydratorOf(Volume volume) => new(core, reclaimer, bounces, OriginOf(volume).Id);

    /// <summary>An origin's status with what its job says. The metadata lock is held.</summary>
    public OriginStatus? StatusOf(Volume volume)
    {
        OriginStatus? status = origins.StatusOf(volume, out uint id);
        return status is null or { Hydration: HydrationState.Off } || JobOf(id) is not { } job ? status
            : job.State switch
            {
                JobState.Failed => status with { Hydration = HydrationState.Failed, Trouble = status.Trouble ?? job.Error },
                JobState.Waiting => status with { Hydration = HydrationState.Waiting },
                _ => status,
            };
    }

    private JobInfo Run(Volume volume, OriginRecord origin, JobSettings settings)
    {
        JobInfo job = jobs.Start(new JobPlan(JobKind, volume, job => Work(job, volume, origin))
        {
            DoneBytes = origin.HydratedBytes,
            TotalBytes = origin.LimitBytes,
            Settings = settings,
            Remember = next =>
            {
                Remember(origin.Id, next);
                core.Commit();
            },
            Cancelled = () =>
            {
                Put(origin.Id, record => record with { Hydration = HydrationState.Off });
                core.Commit();
            },
        });
        _jobOfOrigin[origin.Id] = job.Id;
        return job;
    }

    private void Work(Job job, Volume volume, OriginRecord origin)
    {
        Hydrator hydrator = new(core, reclaimer, bounces, origin.Id);
        long done = origin.HydratedBytes;
        while (CopyNext(hydrator, job, out long copiedBytes))
        {
            // Holes and what was written meanwhile need no copy: the total shrinks by them.
            done += copiedBytes;
            job.SetTotal(done + Math.Max(0, origin.LimitBytes - hydrator.PlaceBytes));
            job.Advance(copiedBytes);
        }

        job.SetTotal(done);
        if (hydrator.LetGo(job.Stopping))
        {
            string name = volume.Record.Name;
            core.Health.Raise(PoolEvent.Now(
                PoolEventKinds.OriginReleased, $"{name} needs {origin.Path} no longer: all of it is in the pool") with
            {
                Volume = name,
            });
        }
    }

    /// <summary>Copies the next chunk, as soon as there is space for it.</summary>
    private bool CopyNext(Hydrator hydrator, Job job, out long copiedBytes)
    {
        bool isCopied = false;
        long bytes = 0;
        job.DoWithSpace(core.SpaceQueue.Spare, () => hydrator.IsNeeded, () => isCopied = hydrator.CopyNext(job.Stopping, out bytes));
        copiedBytes = bytes;
        return isCopied;
    }

    private void Remember(uint originId, JobSettings settings) => Put(originId, record => record with
    {
        Hydration = settings.IsPaused ? HydrationState.Paused : HydrationState.Running,
        BytesPerSecond = settings.RateBytesPerSecond,
    });

    private void Put(uint originId, Func<OriginRecord, OriginRecord> change)
    {
        lock (core.MetadataLock)
        {
            if (core.Metadata.Tree.Layers.FirstOrDefault(layer => layer.Origin?.Id == originId) is { } layer)
            {
                origins.Put(layer, change(layer.Origin!));
            }
        }
    }

    private OriginRecord OriginOf(Volume volume)
    {
        lock (core.MetadataLock)
        {
            return OriginAdmin.BottomOf(volume.Head).Origin
                ?? throw new PoolException(PoolErrorKind.Usage, $"{volume.Record.Name} has no external origin, or has let go of it");
        }
    }

    private JobInfo MustLive(Volume volume)
    {
        lock (_lock)
        {
            return Living(OriginOf(volume).Id)
                ?? throw new PoolException(
                    PoolErrorKind.Usage, $"the origin of {volume.Record.Name} is not being copied; 'thinfuse volume hydrate' without an option begins");
        }
    }

    private JobInfo? Living(uint originId) => JobOf(originId) is { HasEnded: false } living ? living : null;

    private JobInfo? JobOf(uint originId) =>
        _jobOfOrigin.TryGetValue(originId, out long id) ? jobs.List().FirstOrDefault(job => job.Id == id) : null;
}
