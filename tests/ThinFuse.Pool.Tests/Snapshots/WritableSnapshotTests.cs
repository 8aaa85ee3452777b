using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

public sealed class WritableSnapshotTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(64);

    public WritableSnapshotTests()
    {
        using VolumeHandle volume = _test.Volume("vm1", 1 << 20);
        volume.Write(0, TestPool.Pattern(1, 1 << 17));
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void It_begins_as_its_origin_and_goes_its_own_way()
    {
        byte[] before = _test.Read("vm1");
        VolumeInfo snapshot = _test.Pool.CreateSnapshots([("vm1", "vm1@w")], writable: true).Single();
        snapshot.Should().Match<VolumeInfo>(info => info.IsSnapshot && !info.IsReadOnly && info.Origin == "vm1");

        Write("vm1@w", 0, 2);
        Write("vm1", 1 << 16, 3);

        byte[] expected = [.. TestPool.Pattern(2, 4096), .. before.AsSpan(4096)];
        PoolContent.Difference(expected, _test.Read("vm1@w")).Should().BeNull();
        _test.Read("vm1").AsSpan(0, 4096).SequenceEqual(before.AsSpan(0, 4096)).Should().BeTrue();
        _test.Pool.Status().SnapshotCount.Should().Be(1);
        _test.KillAndReopen();
        PoolContent.Difference(expected, _test.Read("vm1@w")).Should().BeNull();
        _test.Pool.Find("vm1@w")!.Should().Match<VolumeInfo>(info => info.IsSnapshot && !info.IsReadOnly);
        _test.MustBeClean();
    }

    [Fact]
    public void It_keeps_a_snapshot_s_name()
    {
        _test.Pool.CreateSnapshots([("vm1", "vm1@w")], writable: true);
        Action toVolume = () => _test.Pool.Rename("vm1@w", "vm2");
        toVolume.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Usage);
        _test.Pool.Rename("vm1@w", "vm1@x");
        _test.Events.Should().Contain(PoolEventKinds.SnapshotRenamed);
    }

    [Fact]
    public void Snapshots_of_snapshots_show_each_moment_whatever_is_deleted_between()
    {
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        byte[] first = _test.Read("vm1");
        _test.Pool.CreateSnapshots([("vm1@a", "vm1@b")], writable: true);
        Write("vm1@b", 8192, 5);
        byte[] second = _test.Read("vm1@b");
        _test.Pool.CreateSnapshot("vm1@b", "vm1@c").Origin.Should().Be("vm1@b");
        Write("vm1@b", 12288, 6);
        _test.Pool.CreateSnapshot("vm1@c", "vm1@d").Origin.Should().Be("vm1@c");

        foreach (string gone in new[] { "vm1@b", "vm1@c", "vm1" })
        {
            _test.Pool.Delete(gone);
            _test.Pool.ReclaimNow();
            PoolContent.Difference(first, _test.Read("vm1@a")).Should().BeNull(gone);
            PoolContent.Difference(second, _test.Read("vm1@d")).Should().BeNull(gone);
            _test.MustBeClean();
        }
    }

    [Theory]
    [InlineData("vm1", "vm1@b")]
    [InlineData("vm1@a", "vm1@b")]
    public void The_name_of_a_snapshot_s_snapshot_is_one_of_the_volume(string of, string expected) =>
        VolumeName.Snapshot(of, "b").Should().Be(expected);

    private void Write(string name, long offsetBytes, int seed)
    {
        using VolumeHandle handle = _test.Handle(name);
        handle.Write(offsetBytes, TestPool.Pattern(seed, 4096));
    }
}
