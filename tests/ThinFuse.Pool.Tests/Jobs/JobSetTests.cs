using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Jobs;

public sealed class JobSetTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(16);
    private readonly VolumeHandle _vm1;
    private readonly VolumeHandle _vm2;

    public JobSetTests()
    {
        _vm1 = _test.Volume("vm1", 1 << 20);
        _vm2 = _test.Volume("vm2", 1 << 20);
    }

    private JobSet Jobs => _test.Pool.Jobs;

    public void Dispose()
    {
        _vm1.Dispose();
        _vm2.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void A_job_is_seen_with_its_progress_and_its_end()
    {
        using ManualResetEventSlim copied = new();
        using ManualResetEventSlim goOn = new();
        void Work(Job job)
        {
            job.Advance(10);
            job.SetTotal(40);
            copied.Set();
            goOn.Wait(job.Stopping);
            job.Advance(10);
        }

        JobInfo started = Jobs.Start(new JobPlan("test", _vm1.Volume, Work) { TotalBytes = 30 });
        started.Should().Match<JobInfo>(job => job.Id == 1 && job.Kind == "test" && job.Volume == "vm1" && !job.HasEnded);

        copied.Wait();
        Jobs.Find(1).Should().Match<JobInfo>(job => job.State == JobState.Running && job.DoneBytes == 10 && job.TotalBytes == 40);
        _test.Pool.Rename("vm1", "vm9");
        Jobs.List().Single().Volume.Should().Be("vm9");
        goOn.Set();

        JobInfo end = Jobs.WaitForEnd(1);
        end.State.Should().Be(JobState.Completed);
        end.DoneBytes.Should().Be(40);
        end.EndedAt.Should().NotBeNull();
    }

    [Fact]
    public void A_volume_has_one_job_at_a_time()
    {
        Start(_vm1, _ => { });
        Jobs.WaitForEnd(1);
        Start(_vm1, Endless);

        Refused(PoolErrorKind.Busy, () => Start(_vm1, Endless)).Should().Contain("job 2");
        Start(_vm2, Endless).Id.Should().Be(3);
        Jobs.Cancel(2).State.Should().Be(JobState.Cancelled);
        Start(_vm1, Endless).Id.Should().Be(4);
    }

    [Fact]
    public void A_paused_job_stands_still_until_it_may_go_on()
    {
        int steps = 0;
        using ManualResetEventSlim first = new();
        Start(_vm1, job =>
        {
            Interlocked.Increment(ref steps);
            first.Set();
            job.Advance(1);
            Interlocked.Increment(ref steps);
        }, new JobSettings(IsPaused: true));

        Jobs.Find(1).State.Should().Be(JobState.Paused);
        first.IsSet.Should().BeFalse();
        Jobs.Change(1, settings => settings with { IsPaused = false });
        Jobs.WaitForEnd(1).State.Should().Be(JobState.Completed);
        steps.Should().Be(2);
        Refused(PoolErrorKind.Usage, () => Jobs.Change(1, settings => settings)).Should().Contain("ended");
    }

    [Fact]
    public void New_settings_are_remembered_before_they_count_or_refused()
    {
        List<JobSettings> remembered = [];
        Jobs.Start(new JobPlan("test", _vm1.Volume, Endless)
        {
            Remember = settings =>
            {
                _ = settings.RateBytesPerSecond == 13 ? throw new PoolException(PoolErrorKind.Failed, "no") : 0;
                remembered.Add(settings);
            },
        });

        Jobs.Change(1, settings => settings with { IsPaused = true });
        Jobs.Change(1, settings => settings with { RateBytesPerSecond = 5 });
        Refused(PoolErrorKind.Failed, () => Jobs.Change(1, settings => settings with { RateBytesPerSecond = 13 }));
        Refused(PoolErrorKind.Usage, () => Jobs.Change(1, settings => settings with { RateBytesPerSecond = -1 }));

        remembered.Should().Equal(new JobSettings(true, 0), new JobSettings(true, 5));
        Jobs.Find(1).Should().Match<JobInfo>(job => job.State == JobState.Paused && job.RateBytesPerSecond == 5);
    }

    [Fact]
    public void A_job_that_waits_for_its_rate_goes_on_when_the_rate_is_lifted()
    {
        using ManualResetEventSlim spent = new();
        Start(_vm1, job =>
        {
            spent.Set();
            job.Advance(1 << 30);
        }, new JobSettings(RateBytesPerSecond: 1));
        spent.Wait();

        Jobs.Change(1, settings => settings with { RateBytesPerSecond = 0 });

        Jobs.WaitForEnd(1).State.Should().Be(JobState.Completed);
    }

    [Fact]
    public void A_failure_is_kept_and_told()
    {
        Start(_vm1, _ => throw new PoolException(PoolErrorKind.NoSpace, "no room\nat all"));

        JobInfo end = Jobs.WaitForEnd(1);

        end.State.Should().Be(JobState.Failed);
        end.Error.Should().Be("no room at all");
        Jobs.Cancel(1).State.Should().Be(JobState.Failed);
        Refused(PoolErrorKind.NotFound, () => Jobs.Find(2));
    }

    [Fact]
    public void Closing_the_pool_ends_jobs_without_cancelling_them()
    {
        bool isCancelled = false;
        using ManualResetEventSlim begun = new();
        void Work(Job job)
        {
            begun.Set();
            Endless(job);
        }

        Jobs.Start(new JobPlan("test", _vm1.Volume, Work) { Cancelled = () => isCancelled = true });
        begun.Wait();

        Jobs.Close();

        Jobs.Find(1).State.Should().Be(JobState.Cancelled);
        isCancelled.Should().BeFalse();
        _test.Events.Should().Contain(PoolEventKinds.JobEnded);
        Refused(PoolErrorKind.Busy, () => Start(_vm1, Endless));
    }

    [Fact]
    public void Of_ended_jobs_the_last_are_known()
    {
        for (int i = 0; i < JobSet.KeptEnded + 10; i++)
        {
            Jobs.WaitForEnd(Start(_vm1, _ => { }).Id);
        }

        Jobs.List().Should().HaveCountLessThanOrEqualTo(JobSet.KeptEnded + 1);
        Jobs.List()[^1].Id.Should().Be(JobSet.KeptEnded + 10);
    }

    private static void Endless(Job job)
    {
        job.Stopping.WaitHandle.WaitOne();
        job.Advance(0);
    }

    private static string Refused(PoolErrorKind kind, Action act)
    {
        PoolException refusal = act.Should().Throw<PoolException>().Which;
        refusal.Kind.Should().Be(kind);
        return refusal.Message;
    }

    private JobInfo Start(VolumeHandle volume, Action<Job> work, JobSettings? settings = null) =>
        Jobs.Start(new JobPlan("test", volume.Volume, work) { Settings = settings ?? new JobSettings() });
}
