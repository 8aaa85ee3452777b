using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>Volumes that read through to a file outside of the pool, and how they come to do without.</summary>
public sealed class OriginTests : IDisposable
{
    private const string Image = OriginFiles.Directory + "/base";
    private readonly TestPool _test = TestPool.Create(64, alignmentBytes: 512);
    private readonly byte[] _content;

    public OriginTests() => _content = OriginFiles.Make(_test.Disk, "base", 1, 300_001, (128 << 10, 192 << 10));

    private ThinPool Pool => _test.Pool;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_volume_shows_its_origin_and_keeps_what_is_written()
    {
        VolumeInfo volume = Pool.CreateVolumeOn("vm1", Image, 1 << 20);
        volume.ExternalOrigin.Should().Be(new OriginStatus(Image, 300_001, 0, HydrationState.Off, null));
        volume.AllocatedBytes.Should().Be(0);
        byte[] expected = OriginFiles.Shown(_content, 1 << 20);
        byte[] data = TestPool.Pattern(5, 700);
        using VolumeHandle vm1 = _test.Handle("vm1");

        vm1.Write(299_900, data);

        data.CopyTo(expected, 299_900);
        _test.Read("vm1").Should().Equal(expected);
        vm1.SeekHole(0).Should().Be(128 << 10);
        vm1.SeekData(128 << 10).Should().Be(192 << 10);
        Pool.CreateVolumeOn("vm2", Image).SizeBytes.Should().Be(300_032);
        _test.KillAndReopen();
        _test.Read("vm1").Should().Equal(expected);
        _test.Read("vm2").Should().Equal(OriginFiles.Shown(_content, 300_032));
    }

    [Fact]
    public void To_flatten_is_no_way_to_let_go_of_an_origin()
    {
        Pool.CreateVolumeOn("vm1", Image);

        PoolException refusal = Pool.Invoking(pool => pool.Flatten("vm1", new JobSettings())).Should().Throw<PoolException>().Which;

        refusal.Kind.Should().Be(PoolErrorKind.Usage);
        refusal.Message.Should().Contain("volume hydrate");
        _test.Handle("vm1").Dispose();
    }

    [Fact]
    public void What_is_cut_off_does_not_come_back_from_the_origin()
    {
        Pool.CreateVolumeOn("vm1", Image, 200_704);
        Pool.Resize("vm1", 262_144);
        _test.Read("vm1").Should().Equal(OriginFiles.Shown(_content[..200_704], 262_144));

        Pool.Resize("vm1", 100_352);
        Pool.Resize("vm1", 262_144);

        _test.Read("vm1").Should().Equal(OriginFiles.Shown(_content[..100_352], 262_144));
        _test.MustBeClean();
    }

    [Fact]
    public void A_discard_hides_the_origin_for_good()
    {
        Pool.CreateVolumeOn("vm1", Image);
        using (VolumeHandle vm1 = _test.Handle("vm1"))
        {
            vm1.Punch(0, 64 << 10);
            vm1.Punch(200_000, 50_000);
        }

        byte[] expected = OriginFiles.Shown(_content, 300_032);
        expected.AsSpan(0, 64 << 10).Clear();
        expected.AsSpan(200_000, 50_000).Clear();
        _test.Read("vm1").Should().Equal(expected);
        Pool.CreateSnapshot("vm1", "vm1@s");
        Pool.Delete("vm1@s");
        Pool.ReclaimNow();
        _test.KillAndReopen();
        _test.Read("vm1").Should().Equal(expected);
    }

    [Fact]
    public void A_missing_origin_fails_reads_of_what_only_it_has()
    {
        Pool.CreateVolumeOn("vm1", Image);
        using (VolumeHandle vm1 = _test.Handle("vm1"))
        {
            vm1.Write(0, TestPool.Pattern(2, 64 << 10));
        }

        _test.Disk.Rename(Image, OriginFiles.Directory + "/gone");
        _test.CloseAndReopen();
        Pool.TellMissingOrigins();

        _test.Events.Should().Contain(PoolEventKinds.OriginMissing);
        Pool.Find("vm1")!.ExternalOrigin!.Trouble.Should().Contain(Image);
        using (VolumeHandle vm1 = _test.Handle("vm1"))
        {
            byte[] buffer = new byte[64 << 10];
            vm1.Read(0, buffer).Should().Be(buffer.Length);
            buffer.Should().Equal(TestPool.Pattern(2, 64 << 10));
            Refusal(() => vm1.Read(64 << 10, buffer)).Should().Be(Errno.EIO);
            Refusal(() => vm1.Write(70_000, [1])).Should().Be(Errno.EIO);
            vm1.Write(64 << 10, buffer);
            vm1.Read(64 << 10, buffer).Should().Be(buffer.Length);
        }

        _test.MustBeClean();
        Pool.PointOrigin("vm1", OriginFiles.Directory + "/gone", force: false);
        Pool.Find("vm1")!.ExternalOrigin.Should().Match<OriginStatus>(origin => origin.Path.EndsWith("/gone") && origin.Trouble == null);
        _test.Read("vm1").AsSpan(128 << 10).SequenceEqual(OriginFiles.Shown(_content, 300_032).AsSpan(128 << 10)).Should().BeTrue();
    }

    [Fact]
    public void An_origin_of_another_size_is_refused_unless_forced()
    {
        Pool.CreateVolumeOn("vm1", Image);
        byte[] other = OriginFiles.Make(_test.Disk, "other", 9, 400_000);
        OriginFiles.Make(_test.Disk, "short", 9, 4096);
        string path = OriginFiles.PathOf("other");

        Refused(() => Pool.PointOrigin("vm1", path, force: false)).Should().Contain("400000 bytes instead of 300001");
        Refused(() => Pool.PointOrigin("vm1", OriginFiles.PathOf("short"), force: true)).Should().Contain("whole");
        _test.Read("vm1").Should().Equal(OriginFiles.Shown(_content, 300_032));

        Pool.PointOrigin("vm1", path, force: true);

        _test.CloseAndReopen();
        _test.Read("vm1").Should().Equal(OriginFiles.Shown(other[..300_001], 300_032));
        using (IStorageFile file = _test.Disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached))
        {
            file.SetLength(500_000);
        }

        _test.CloseAndReopen();
        Pool.Find("vm1")!.ExternalOrigin!.Trouble.Should().Contain("500000 bytes instead of 400000");
    }

    [Fact]
    public void What_reads_through_to_another_origin_is_not_taken_for_what_was_sent_before()
    {
        Pool.CreateVolumeOn("vm1", Image);
        Pool.CreateVolume("vm2", 4096);
        Pool.CreateSnapshot("vm1", "vm1@a");
        Pool.CreateSnapshot("vm2", "vm2@a");
        (Guid content, Guid other) = (Pool.ContentOf("vm1@a").ContentId, Pool.ContentOf("vm2@a").ContentId);
        Guid generation = Pool.Find("vm1")!.Generation;
        _test.Disk.Rename(Image, OriginFiles.PathOf("moved"));
        Pool.PointOrigin("vm1", OriginFiles.PathOf("moved"), force: true);
        Pool.ContentOf("vm1@a").ContentId.Should().Be(content, "it is the same file");

        OriginFiles.Make(_test.Disk, "other", 9, 400_000);
        Pool.PointOrigin("vm1", OriginFiles.PathOf("other"), force: true);

        _test.KillAndReopen();
        Pool.ContentOf("vm1@a").ContentId.Should().NotBe(content);
        Pool.ContentOf("vm2@a").ContentId.Should().Be(other);
        Pool.Find("vm1")!.Generation.Should().NotBe(generation);
    }

    [Fact]
    public void What_cannot_be_an_origin_is_refused_and_leaves_nothing()
    {
        OriginFiles.Make(_test.Disk, "empty", 1, 0);
        Refused(() => Pool.CreateVolumeOn("vm1", "relative"), PoolErrorKind.Usage);
        Refused(() => Pool.CreateVolumeOn("vm1", "/images/none"), PoolErrorKind.NotFound);
        Refused(() => Pool.CreateVolumeOn("vm1", "/images"), PoolErrorKind.Usage);
        Refused(() => Pool.CreateVolumeOn("vm1", "/images/empty"), PoolErrorKind.Usage);
        Refused(() => Pool.CreateVolumeOn("vm1", Image, 1000), PoolErrorKind.Usage);
        Pool.CreateVolume("vm1", 4096);
        Refused(() => Pool.CreateVolumeOn("vm1", Image), PoolErrorKind.Exists);
        Refused(() => Pool.PointOrigin("vm1", Image, force: false), PoolErrorKind.Usage);
        Refused(() => Pool.Hydrate("vm1", settings => settings), PoolErrorKind.Usage);
        Refused(() => Pool.StopHydration("vm1"), PoolErrorKind.Usage);
        Pool.Volumes().Should().ContainSingle();
        _test.MustBeClean();
    }

    [Fact]
    public void A_hydrated_volume_does_without_its_origin()
    {
        Pool.CreateVolumeOn("vm1", Image);
        Pool.CreateSnapshot("vm1", "vm1@s");
        Pool.Clone("vm1@s", "vm2");
        _test.Read("vm2").Should().Equal(OriginFiles.Shown(_content, 300_032));
        using (VolumeHandle vm2 = _test.Handle("vm2"))
        {
            vm2.Write(4096, new byte[9000]);
        }

        JobInfo job = Pool.Jobs.WaitForEnd(Pool.Hydrate("vm2", settings => settings).Id);

        job.Should().Match<JobInfo>(done => done.State == JobState.Completed && done.DoneBytes == done.TotalBytes && done.Kind == "hydrate");
        job.TotalBytes.Should().Be((300_001 + 4095) / 4096 * 4096 - (64 << 10), "a hole stays one");
        _test.Events.Should().Contain(PoolEventKinds.OriginReleased);
        Pool.Volumes().Should().OnlyContain(volume => volume.ExternalOrigin == null);
        using (IStorageFile file = _test.Disk.Open(Image, StorageOpenMode.ReadWrite, StorageCaching.Cached))
        {
            file.Write(0, new byte[300_001]);
        }

        _test.Disk.Delete(Image);
        _test.Read("vm1").Should().Equal(OriginFiles.Shown(_content, 300_032));
        using (VolumeHandle snapshot = _test.Handle("vm1@s"))
        {
            snapshot.SeekHole(0).Should().Be(128 << 10);
        }

        _test.KillAndReopen();
        _test.Read("vm1@s").Should().Equal(OriginFiles.Shown(_content, 300_032));
        byte[] expected = OriginFiles.Shown(_content, 300_032);
        expected.AsSpan(4096, 9000).Clear();
        _test.Read("vm2").Should().Equal(expected);
        _test.MustBeClean();
    }

    [Fact]
    public void A_paused_or_stopped_hydration_is_remembered()
    {
        Pool.CreateVolumeOn("vm1", Image);
        long id = Pool.Hydrate("vm1", settings => settings with { IsPaused = true, RateBytesPerSecond = 5000 }).Id;

        Pool.Hydrate("vm1", settings => settings with { RateBytesPerSecond = 7000 }).Should().Match<JobInfo>(
            job => job.Id == id && job.State == JobState.Paused && job.RateBytesPerSecond == 7000);
        _test.CloseAndReopen();
        Pool.Find("vm1")!.ExternalOrigin!.Hydration.Should().Be(HydrationState.Paused);
        Pool.Hydration.GoOn();
        JobInfo resumed = Pool.Jobs.List().Single();
        resumed.Should().Match<JobInfo>(job => job.State == JobState.Paused && job.RateBytesPerSecond == 7000);

        Pool.StopHydration("vm1").State.Should().Be(JobState.Cancelled);

        Pool.Find("vm1")!.ExternalOrigin!.Hydration.Should().Be(HydrationState.Off);
        _test.KillAndReopen();
        Pool.Hydration.GoOn();
        Pool.Jobs.List().Should().BeEmpty();
        Pool.Find("vm1")!.ExternalOrigin!.Hydration.Should().Be(HydrationState.Off);
    }

    [Fact]
    public void Deleting_what_reads_through_closes_the_origin()
    {
        Pool.CreateVolumeOn("vm1", Image);
        Pool.CreateSnapshot("vm1", "vm1@s");
        Pool.Delete("vm1");
        Pool.ReclaimNow();
        _test.Read("vm1@s").Should().Equal(OriginFiles.Shown(_content, 300_032));

        Pool.Delete("vm1@s");
        Pool.ReclaimNow();

        Pool.OpenOrigins.Should().Be(0);
        _test.MustBeClean();
    }

    private static int Refusal(Action action) => Assert.Throws<StorageException>(action).ErrorNumber;

    private static string Refused(Action action, PoolErrorKind kind = PoolErrorKind.Usage)
    {
        PoolException refusal = Assert.Throws<PoolException>(action);
        refusal.Kind.Should().Be(kind);
        return refusal.Message;
    }
}
