using ThinFuse.Pool.Space;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Jobs;

/// <summary>The background copies of an open pool: those that live, and the last that ended. Thread-safe.</summary>
/// <remarks>A job ends with the pool. Whether it goes on after the next opening is the business of its kind.</remarks>
public sealed class JobSet
{
    /// <summary>How many jobs that have ended are still told of.</summary>
    public const int KeptEnded = 32;

    private readonly PoolHealth _health;
    private readonly Lock _lock = new();
    private readonly List<(Job Job, Thread Thread)> _jobs = [];
    private long _lastId;
    private bool _isClosed;

    internal JobSet(PoolHealth health) => _health = health;

    /// <summary>All that are known, oldest first.</summary>
    public IReadOnlyList<JobInfo> List()
    {
        lock (_lock)
        {
            return [.. _jobs.Select(entry => entry.Job.Info)];
        }
    }

    /// <summary>One by its id.</summary>
    /// <exception cref="PoolException">NotFound.</exception>
    public JobInfo Find(long id) => Get(id).Info;

    /// <summary>Pauses a job, lets it go on, or changes its rate, from now on.</summary>
    /// <exception cref="PoolException">NotFound; Usage: no rate, or the job has ended.</exception>
    public JobInfo Change(long id, Func<JobSettings, JobSettings> change)
    {
        Job job = Get(id);
        if (job.Info.HasEnded)
        {
            throw new PoolException(PoolErrorKind.Usage, $"job {id} has ended; there is nothing to change any more");
        }

        job.Change(change);
        return job.Info;
    }

    /// <summary>Ends a job and waits until it has; what it copied stays. One that has ended already stays as it is.</summary>
    /// <exception cref="PoolException">NotFound.</exception>
    public JobInfo Cancel(long id)
    {
        Job job = Get(id);
        job.Stop(isCancelled: true);
        return job.WaitForEnd();
    }

    /// <summary>Waits until a job has ended.</summary>
    /// <exception cref="PoolException">NotFound.</exception>
    public JobInfo WaitForEnd(long id) => Get(id).WaitForEnd();

    /// <summary>Starts a job.</summary>
    /// <exception cref="PoolException">Busy: the volume has one already, or the pool is being closed.</exception>
    internal JobInfo Start(JobPlan plan)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new PoolException(PoolErrorKind.Busy, "the pool is being closed");
            }

            MustBeIdle(plan.Volume);
            Job job = new(++_lastId, plan);
            Thread thread = new(() => Run(job)) { Name = $"thinfuse-job-{job.Id}", IsBackground = true };
            _jobs.Add((job, thread));
            foreach ((Job Job, Thread Thread) old in _jobs.Where(entry => entry.Job.Info.HasEnded).SkipLast(KeptEnded).ToArray())
            {
                _jobs.Remove(old);
            }

            thread.Start();
            return job.Info;
        }
    }

    /// <summary>The job that works on a volume now; null when there is none.</summary>
    internal JobInfo? Living(Volume volume)
    {
        lock (_lock)
        {
            return FindLiving(volume);
        }
    }

    /// <summary>Refuses a volume that a job works on.</summary>
    /// <exception cref="PoolException">Busy.</exception>
    internal void MustBeIdle(Volume volume)
    {
        if (Living(volume) is { } other)
        {
            throw new PoolException(
                PoolErrorKind.Busy, $"{other.Volume} has job {other.Id} ({other.Kind}) under way; wait for its end, or cancel it ('thinfuse jobs MNT')");
        }
    }

    /// <summary>Ends all jobs, and waits for them. No other can be started.</summary>
    internal void Close()
    {
        (Job Job, Thread Thread)[] all;
        lock (_lock)
        {
            _isClosed = true;
            all = [.. _jobs];
        }

        Array.ForEach(all, entry => entry.Job.Stop(isCancelled: false));
        Array.ForEach(all, entry => entry.Thread.Join());
    }

    private void Run(Job job)
    {
        job.Run();
        JobInfo info = job.Info;
        string outcome = info.State switch
        {
            JobState.Completed => "completed",
            JobState.Failed => $"failed: {info.Error}",
            _ => "cancelled",
        };
        _health.Raise(PoolEvent.Now(PoolEventKinds.JobEnded, $"{info.Kind} of {info.Volume} {outcome}") with { Volume = info.Volume, Count = info.Id });
    }

    private JobInfo? FindLiving(Volume volume) =>
        _jobs.Where(entry => entry.Job.Volume == volume).Select(entry => entry.Job.Info).FirstOrDefault(info => !info.HasEnded);

    private Job Get(long id)
    {
        lock (_lock)
        {
            return _jobs.Find(entry => entry.Job.Id == id).Job
                ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no job {id}; 'thinfuse jobs MNT' shows which there are");
        }
    }
}
