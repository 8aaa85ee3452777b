using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

public sealed class FlattenTests : IDisposable
{
    private const int SizeBytes = 2 << 20;
    private readonly TestPool _test = TestPool.Create(80);
    private readonly byte[] _origin;

    public FlattenTests()
    {
        _test.Volume("vm1", SizeBytes).Dispose();
        Write("vm1", 1000, 1, 300_000);
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        Write("vm1", 200_000, 2, 300_000);
        Write("vm1", 1_500_000, 3, 5000);
        Punch("vm1", 40_960, 8192);
        _origin = _test.Read("vm1");
        _test.Pool.Clone("vm1", "vm2");
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Afterwards_it_shares_nothing_and_shows_the_same()
    {
        Write("vm2", 100_000, 4, 10_000);
        Punch("vm2", 204_800, 65_536);
        byte[] expected = _test.Read("vm2");
        Guid generation = Info("vm2").Generation;

        JobInfo job = Flatten("vm2");

        job.State.Should().Be(JobState.Completed);
        job.DoneBytes.Should().Be(job.TotalBytes).And.BeInRange(400_000, 700_000, "holes and what it has already are not copied");
        MustBe("vm2", expected);
        MustBe("vm1", _origin);
        VolumeInfo after = Info("vm2");
        after.ExclusiveBytes.Should().Be(after.AllocatedBytes);
        after.Should().Match<VolumeInfo>(info => info.OriginId == 0 && info.Origin == null && info.Generation != generation);
        _test.MustBeClean();

        _test.Pool.Delete("vm1");
        _test.Pool.Delete("vm1@a");
        _test.Pool.ReclaimNow();
        _test.Pool.Status().AllocatedBytes.Should().Be(after.AllocatedBytes, "nothing else is left in the pool");
        MustBe("vm2", expected);
        _test.KillAndReopen();
        MustBe("vm2", expected);
        _test.MustBeClean();
    }

    [Fact]
    public void What_is_punched_or_grown_afterwards_stays_empty()
    {
        _test.Pool.Resize("vm2", 1 << 20);
        Flatten("vm2");

        Punch("vm2", 0, 1 << 20);
        _test.Pool.Resize("vm2", SizeBytes);
        _test.Pool.Delete("vm1@a");
        _test.Pool.ReclaimNow();

        _test.Read("vm2").AsSpan().ContainsAnyExcept((byte)0).Should().BeFalse();
        Info("vm2").AllocatedBytes.Should().Be(0);
        _test.MustBeClean();
    }

    [Fact]
    public void A_volume_is_cut_off_from_its_own_snapshots_too()
    {
        Flatten("vm1");

        MustBe("vm1", _origin);
        Info("vm1").ExclusiveBytes.Should().Be(Info("vm1").AllocatedBytes);
        _test.Pool.RollBack("vm1@a", new RollbackOptions(KeepAs: "flat"));
        MustBe("vm1@flat", _origin);
        Flatten("vm2");
        Flatten("vm2").TotalBytes.Should().Be(0, "a second time there is nothing to do");
    }

    [Fact]
    public void Without_space_it_is_refused_before_it_begins()
    {
        long free = _test.Pool.Status().FreeBytes;
        using VolumeHandle filler = _test.Volume("filler", free);
        filler.Allocate(0, free - TestPool.ChunkBytes);
        long before = _test.Pool.Status().AllocatedBytes;

        Action act = () => _test.Pool.Flatten("vm2", new JobSettings());

        act.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NoSpace);
        _test.Pool.Status().AllocatedBytes.Should().Be(before);
        _test.Pool.Jobs.List().Should().BeEmpty();
        _test.Pool.RollBack("vm1@a", new RollbackOptions(DiscardCurrent: true)).Volume.Name.Should().Be("vm1", "no handle is left behind");
    }

    [Fact]
    public void What_cannot_be_flattened_is_told()
    {
        Refused(PoolErrorKind.Usage, "vm1@a");
        Refused(PoolErrorKind.NotFound, "none");
        _test.Pool.CreateSnapshots([("vm1@a", "vm1@w")], writable: true);
        byte[] content = _test.Read("vm1@w");
        Flatten("vm1@w").State.Should().Be(JobState.Completed);
        MustBe("vm1@w", content);
    }

    [Fact]
    public void A_cancelled_flatten_goes_on_when_it_is_started_again()
    {
        JobInfo job = _test.Pool.Flatten("vm2", new JobSettings(RateBytesPerSecond: 1));
        SpinWait.SpinUntil(() => _test.Pool.Jobs.Find(job.Id).DoneBytes != 0, TimeSpan.FromSeconds(60)).Should().BeTrue();
        Refused(PoolErrorKind.Busy, "vm2");
        JobInfo cancelled = _test.Pool.Jobs.Cancel(job.Id);
        cancelled.State.Should().Be(JobState.Cancelled);
        MustBe("vm2", _origin);
        Info("vm2").Origin.Should().Be("vm1");
        _test.MustBeClean();
        _test.KillAndReopen();

        JobInfo second = Flatten("vm2");

        second.TotalBytes.Should().Be(job.TotalBytes - cancelled.DoneBytes);
        MustBe("vm2", _origin);
        Info("vm2").Origin.Should().BeNull();
    }

    [Fact]
    public void Snapshots_rollbacks_writes_and_deletions_meanwhile_do_not_confuse_it()
    {
        JobInfo job = _test.Pool.Flatten("vm2", new JobSettings(RateBytesPerSecond: 1));
        SpinWait.SpinUntil(() => _test.Pool.Jobs.Find(job.Id).DoneBytes != 0, TimeSpan.FromSeconds(60)).Should().BeTrue();
        _test.Pool.CreateSnapshot("vm2", "vm2@s");
        Write("vm2", 0, 5, 70_000);
        _test.Pool.Delete("vm1@a");
        _test.Pool.Delete("vm1");
        _test.Pool.ReclaimNow();
        byte[] expected = _test.Read("vm2");

        _test.Pool.Jobs.Change(job.Id, settings => settings with { RateBytesPerSecond = 0 });
        _test.Pool.Jobs.WaitForEnd(job.Id).State.Should().Be(JobState.Completed);

        MustBe("vm2", expected);
        MustBe("vm2@s", _origin);
        Info("vm2").ExclusiveBytes.Should().Be(Info("vm2").AllocatedBytes);
        _test.Pool.Delete("vm2@s");
        _test.Pool.ReclaimNow();
        MustBe("vm2", expected);
        _test.Pool.Status().AllocatedBytes.Should().Be(Info("vm2").AllocatedBytes);
        _test.MustBeClean();
    }

    [Fact]
    public void A_volume_deleted_meanwhile_ends_it_and_leaves_nothing()
    {
        JobInfo job = _test.Pool.Flatten("vm2", new JobSettings(RateBytesPerSecond: 1));
        SpinWait.SpinUntil(() => _test.Pool.Jobs.Find(job.Id).DoneBytes != 0, TimeSpan.FromSeconds(60)).Should().BeTrue();
        _test.Pool.Delete("vm2");
        _test.Pool.ReclaimNow();
        _test.Pool.Jobs.Change(job.Id, settings => settings with { RateBytesPerSecond = 0 });

        JobInfo end = _test.Pool.Jobs.WaitForEnd(job.Id);

        end.State.Should().Be(JobState.Failed);
        end.Error.Should().Contain("deleted");
        _test.Pool.ReclaimNow();
        _test.MustBeClean();
        MustBe("vm1", _origin);
    }

    [Fact]
    public void A_crash_at_any_io_leaves_the_same_content_and_goes_on_to_the_end()
    {
        byte[] expected = _test.Read("vm2");
        int first = _test.Disk.IoCount;
        Flatten("vm2");
        int last = _test.Disk.IoCount;
        int wentOn = 0;

        for (int io = first; io <= last; io++)
        {
            foreach (SimulatedDisk crashed in new[] { _test.Disk.AfterKill(io), _test.Disk.AfterPowerCut(io, io) })
            {
                using TestPool survivor = TestPool.Open(crashed);
                foreach (string name in new[] { "vm1", "vm2" })
                {
                    PoolContent.Difference(expected, survivor.Read(name)).Should().BeNull($"{name} after I/O {io}");
                }

                survivor.Pool.GoOnWithJobs();
                foreach (JobInfo job in survivor.Pool.Jobs.List())
                {
                    survivor.Pool.Jobs.WaitForEnd(job.Id).State.Should().Be(JobState.Completed, $"after I/O {io}");
                    survivor.Pool.Find("vm2")!.Origin.Should().BeNull();
                    wentOn++;
                }

                survivor.Pool.ReclaimNow();
                survivor.MustBeClean();
                PoolContent.Difference(expected, survivor.Read("vm2")).Should().BeNull($"reclaimed after I/O {io}");
                survivor.Pool.GoOnWithJobs();
                survivor.Pool.Jobs.List().Should().NotContain(job => !job.HasEnded, "it is over, and known to be");
            }
        }

        wentOn.Should().BeGreaterThan((last - first) / 2, "most crashes come in the middle");
    }

    [Fact]
    public void It_goes_on_after_an_opening_with_its_settings_until_it_is_cancelled()
    {
        JobInfo job = _test.Pool.Flatten("vm2", new JobSettings(RateBytesPerSecond: 1));
        SpinWait.SpinUntil(() => _test.Pool.Jobs.Find(job.Id).DoneBytes != 0, TimeSpan.FromSeconds(60)).Should().BeTrue();
        _test.Pool.Jobs.Change(job.Id, settings => settings with { RateBytesPerSecond = 7000, IsPaused = true });
        _test.KillAndReopen();
        _test.Pool.GoOnWithJobs();
        _test.Pool.Jobs.List().Should().ContainSingle().Which.Should().Match<JobInfo>(
            again => again.State == JobState.Paused && again.RateBytesPerSecond == 7000 && again.Volume == "vm2");
        Refused(PoolErrorKind.Busy, "vm2");
        _test.CloseAndReopen();
        _test.Pool.GoOnWithJobs();
        JobInfo last = _test.Pool.Jobs.List().Single();

        _test.Pool.Jobs.Cancel(last.Id).State.Should().Be(JobState.Cancelled);

        _test.KillAndReopen();
        _test.Pool.GoOnWithJobs();
        _test.Pool.Jobs.List().Should().BeEmpty();
        Flatten("vm2").TotalBytes.Should().BeLessThan(job.TotalBytes, "what was copied before is passed over");
        MustBe("vm2", _origin);
        _test.MustBeClean();
    }

    private JobInfo Flatten(string name) => _test.Pool.Jobs.WaitForEnd(_test.Pool.Flatten(name, new JobSettings()).Id);

    private void Refused(PoolErrorKind kind, string name)
    {
        Action act = () => _test.Pool.Flatten(name, new JobSettings());
        act.Should().Throw<PoolException>().Which.Kind.Should().Be(kind);
    }

    private VolumeInfo Info(string name) => _test.Pool.Find(_test.Pool.Find(name)!.Id, withExclusive: true)!;

    private void MustBe(string name, byte[] expected)
    {
        string? difference = PoolContent.Difference(expected, _test.Read(name));
        difference.Should().BeNull($"{name} {difference}");
    }

    private void Write(string name, long offsetBytes, int seed, int lengthBytes)
    {
        using VolumeHandle handle = _test.Handle(name);
        handle.Write(offsetBytes, TestPool.Pattern(seed, lengthBytes));
    }

    private void Punch(string name, long offsetBytes, long lengthBytes)
    {
        using VolumeHandle handle = _test.Handle(name);
        handle.Punch(offsetBytes, lengthBytes);
    }
}
