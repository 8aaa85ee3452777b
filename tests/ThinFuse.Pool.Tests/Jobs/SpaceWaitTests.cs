using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Origins;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Jobs;

/// <summary>Background copies that meet a full pool wait, and go on by themselves.</summary>
public sealed class SpaceWaitTests : IDisposable
{
    private const int Extents = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TestPool _test = TestPool.Create(Extents, alignmentBytes: 512);
    private readonly byte[] _content;

    public SpaceWaitTests()
    {
        _content = OriginFiles.Make(_test.Disk, "base", 1, 8 * TestPool.ChunkBytes);
        Pool.CreateVolumeOn("vm1", OriginFiles.PathOf("base"));
    }

    private ThinPool Pool => _test.Pool;

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData("grow")]
    [InlineData("delete")]
    [InlineData("discard")]
    [InlineData("unreserve")]
    public void A_hydration_without_space_goes_on_when_there_is_some(string way)
    {
        using (VolumeHandle filler = _test.Volume("filler", 8 * TestPool.ChunkBytes))
        {
            if (way == "unreserve")
            {
                filler.SetReserve(ReservePolicy.Full);
            }
            else
            {
                filler.Write(0, new byte[8 * TestPool.ChunkBytes]);
            }
        }

        JobInfo job = Pool.Hydrate("vm1", settings => settings);
        MustWait(job.Id);
        Pool.Find("vm1")!.ExternalOrigin.Should().Match<OriginStatus>(origin => origin.Hydration == HydrationState.Waiting && origin.Trouble == null);
        _test.Events.Should().Contain(PoolEventKinds.OutOfSpace);
        _test.Read("vm1").Should().Equal(_content);

        MakeSpace(way);

        Pool.Jobs.WaitForEnd(job.Id).State.Should().Be(JobState.Completed);
        _test.Disk.Delete(OriginFiles.PathOf("base"));
        _test.Read("vm1").Should().Equal(_content);
        _test.MustBeClean();
    }

    [Fact]
    public void A_flatten_without_space_goes_on_when_there_is_some()
    {
        JobInfo job = FlattenIntoFullPool();
        byte[] expected = _test.Read("flat");

        Pool.Grow(2L * Extents * TestPool.ChunkBytes);

        Pool.Jobs.WaitForEnd(job.Id).State.Should().Be(JobState.Completed);
        _test.Read("flat").Should().Equal(expected);
        Pool.Find("flat")!.Origin.Should().BeNull();
        _test.MustBeClean();
    }

    [Fact]
    public void A_volume_deleted_while_its_flatten_waits_gives_its_space_back()
    {
        JobInfo job = FlattenIntoFullPool();

        Pool.Delete("flat");

        Pool.Jobs.WaitForEnd(job.Id).Error.Should().Contain("deleted");
        Pool.ReclaimNow();
        _test.MustBeClean();
    }

    [Fact]
    public void One_that_waits_can_be_paused_and_cancelled()
    {
        JobInfo job = FlattenIntoFullPool();

        Pool.Jobs.Change(job.Id, settings => settings with { IsPaused = true }).State.Should().Be(JobState.Paused);
        Pool.Grow(2L * Extents * TestPool.ChunkBytes);
        Pool.Jobs.Find(job.Id).Should().Match<JobInfo>(paused => paused.State == JobState.Paused && paused.DoneBytes < paused.TotalBytes);
        Pool.Jobs.Cancel(job.Id).State.Should().Be(JobState.Cancelled);
    }

    [Fact]
    public void Writes_that_wait_come_first()
    {
        Pool.Configure(settings => settings with { NoSpace = NoSpacePolicy.Queue, NoSpaceTimeoutMs = 0 });
        JobInfo job = FlattenIntoFullPool();
        using VolumeHandle writer = _test.Volume("writer", TestPool.ChunkBytes);
        using SpaceWaiter write = new(writer, 0, TestPool.Pattern(3, TestPool.ChunkBytes));
        write.Map().Should().Be(MapOutcome.Parked);

        Pool.Grow((Extents + 1L) * TestPool.ChunkBytes);

        write.MapWhenResumed().Should().Be(MapOutcome.Ready, "the one that came back is the write's");
        write.Finish();
        Pool.Jobs.Find(job.Id).DoneBytes.Should().Be(job.DoneBytes);
        Pool.Grow(2L * Extents * TestPool.ChunkBytes);
        Pool.Jobs.WaitForEnd(job.Id).State.Should().Be(JobState.Completed);
        _test.Read("writer").Should().Equal(TestPool.Pattern(3, TestPool.ChunkBytes));
    }

    [Fact]
    public void Closing_the_pool_ends_the_wait()
    {
        FlattenIntoFullPool();
        _test.CloseAndReopen();
        _test.MustBeClean();
    }

    /// <summary>A flatten that had room when it began, and lost it to others.</summary>
    private JobInfo FlattenIntoFullPool()
    {
        using (VolumeHandle source = _test.Volume("source", 4 * TestPool.ChunkBytes))
        {
            source.Write(0, TestPool.Pattern(2, 4 * TestPool.ChunkBytes));
        }

        Pool.Clone("source", "flat");
        JobInfo job = Pool.Flatten("flat", new JobSettings(IsPaused: true));
        using (VolumeHandle filler = _test.Volume("filler", 7 * TestPool.ChunkBytes))
        {
            filler.Write(0, new byte[7 * TestPool.ChunkBytes]);
        }

        Pool.Jobs.Change(job.Id, settings => settings with { IsPaused = false });
        MustWait(job.Id);
        return Pool.Jobs.Find(job.Id);
    }

    private void MustWait(long jobId) =>
        SpinWait.SpinUntil(() => Pool.Jobs.Find(jobId).State == JobState.Waiting, Patience).Should().BeTrue("it waits for space");

    /// <summary>What a user does, and what the background work of an open pool does then.</summary>
    private void MakeSpace(string way)
    {
        switch (way)
        {
            case "grow":
                Pool.Grow(2L * Extents * TestPool.ChunkBytes);
                break;
            case "delete":
                Pool.Delete("filler");
                Pool.ReclaimNow();
                break;
            default:
                using (VolumeHandle filler = _test.Handle("filler"))
                {
                    filler.Punch(0, way == "discard" ? 8 * TestPool.ChunkBytes : 0);
                    filler.SetReserve(ReservePolicy.None);
                }

                break;
        }

        Pool.MaintainNow();
    }
}
