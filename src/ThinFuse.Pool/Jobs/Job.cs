using ThinFuse.Pool.Space;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Jobs;

/// <summary>
/// A copy in the background: it can be watched, slowed down, paused and cancelled. Its work sees <see cref="Advance"/>, <see cref="DoWithSpace"/>,
/// <see cref="SetTotal"/> and <see cref="Stopping"/> only. Thread-safe.
/// </summary>
internal sealed class Job
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly object _lock = new();
    private readonly Lock _changing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Throttle _throttle = new();
    private readonly JobPlan _plan;
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private bool _isPaused;
    private bool _isWaiting;
    private bool _isCancelled;
    private long _doneBytes;
    private long _totalBytes;
    private JobState? _end;
    private DateTimeOffset? _endedAt;
    private string? _error;

    public Job(long id, JobPlan plan)
    {
        plan.Settings.Validate();
        Id = id;
        _plan = plan;
        _doneBytes = plan.DoneBytes;
        _totalBytes = plan.TotalBytes;
        _isPaused = plan.Settings.IsPaused;
        _throttle.SetRate(plan.Settings.RateBytesPerSecond);
        Stopping = _stop.Token;
    }

    public long Id { get; }

    public Volume Volume => _plan.Volume;

    /// <summary>Set when the job shall end, for waits of the work's own.</summary>
    public CancellationToken Stopping { get; }

    public JobInfo Info
    {
        get
        {
            lock (_lock)
            {
                JobState state = _end ?? (_isPaused ? JobState.Paused : _isWaiting ? JobState.Waiting : JobState.Running);
                return new JobInfo(
                    Id, _plan.Kind, _plan.Volume.Record.Name, state, _doneBytes, _totalBytes, _throttle.RateBytesPerSecond, _startedAt, _endedAt, _error);
            }
        }
    }

    /// <summary>Counts what the work has done, and waits while the job is paused or ahead of its rate; the work holds no lock, claim or gate.</summary>
    /// <exception cref="OperationCanceledException">The job shall end.</exception>
    public void Advance(long doneBytes)
    {
        lock (_lock)
        {
            _doneBytes += doneBytes;
            _throttle.Spend(doneBytes, Environment.TickCount64);
            while (true)
            {
                Stopping.ThrowIfCancellationRequested();
                TimeSpan wait = _isPaused ? LongestWait : TimeSpan.FromMilliseconds(_throttle.WaitMs(Environment.TickCount64));
                if (wait == TimeSpan.Zero)
                {
                    return;
                }

                Monitor.Wait(_lock, wait < LongestWait ? wait : LongestWait);
            }
        }
    }

    /// <summary>Takes a step; one that meets a full pool is taken again when the pool has space that no write waits for. The work holds nothing.</summary>
    /// <param name="space">The pool's.</param>
    /// <param name="isNeeded">False has the step taken again without space: asked after each change of the pool's space.</param>
    /// <param name="step">Throws <see cref="PoolErrorKind.NoSpace"/> when it needs space, and then has done nothing.</param>
    /// <exception cref="OperationCanceledException">The job shall end.</exception>
    public void DoWithSpace(SpareSpace space, Func<bool> isNeeded, Action step)
    {
        while (true)
        {
            try
            {
                step();
                return;
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                AwaitSpace(space, isNeeded);
            }
        }
    }

    /// <summary>Corrects what there is to copy in all, when the work learns more.</summary>
    public void SetTotal(long totalBytes)
    {
        lock (_lock)
        {
            _totalBytes = totalBytes;
        }
    }

    /// <summary>Pauses, lets go on, or changes the rate; remembered first.</summary>
    public void Change(Func<JobSettings, JobSettings> change)
    {
        lock (_changing)
        {
            JobSettings settings = change(new JobSettings(_isPaused, _throttle.RateBytesPerSecond));
            settings.Validate();
            _plan.Remember(settings);
            lock (_lock)
            {
                _isPaused = settings.IsPaused;
                _throttle.SetRate(settings.RateBytesPerSecond);
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Has the work end soon.</summary>
    /// <param name="isCancelled">Whether for good, and not because the pool is closed.</param>
    public void Stop(bool isCancelled)
    {
        lock (_lock)
        {
            _isCancelled |= isCancelled;
            _stop.Cancel();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Does the work, on the caller's thread; all outcomes are in <see cref="Info"/> afterwards.</summary>
    public void Run()
    {
        (JobState state, string? error) = Work();
        if (state == JobState.Cancelled && _isCancelled)
        {
            (state, error) = TellCancelled();
        }

        End(state, error);
    }

    private void AwaitSpace(SpareSpace space, Func<bool> isNeeded)
    {
        SetWaiting(true);
        try
        {
            space.Wait(isNeeded, Stopping);
        }
        finally
        {
            SetWaiting(false);
        }

        Advance(0);
    }

    private void SetWaiting(bool isWaiting)
    {
        lock (_lock)
        {
            _isWaiting = isWaiting;
        }
    }

    private (JobState State, string? Error) Work()
    {
        try
        {
            Advance(0);
            _plan.Work(this);
            return (JobState.Completed, null);
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            return (JobState.Cancelled, null);
        }
        catch (Exception e)
        {
            return (JobState.Failed, e.Message);
        }
    }

    private (JobState State, string? Error) TellCancelled()
    {
        try
        {
            _plan.Cancelled();
            return (JobState.Cancelled, null);
        }
        catch (Exception e)
        {
            return (JobState.Failed, e.Message);
        }
    }

    private void End(JobState state, string? error)
    {
        _plan.Ended();
        lock (_lock)
        {
            (_end, _error, _endedAt) = (state, error?.ReplaceLineEndings(" "), DateTimeOffset.UtcNow);
            if (state == JobState.Completed)
            {
                _doneBytes = Math.Max(_doneBytes, _totalBytes);
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until it has ended.</summary>
    public JobInfo WaitForEnd()
    {
        lock (_lock)
        {
            while (_end is null)
            {
                Monitor.Wait(_lock);
            }

            return Info;
        }
    }
}
