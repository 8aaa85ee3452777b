using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

public sealed class GenerationTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(64);

    public GenerationTests()
    {
        using VolumeHandle volume = _test.Volume("vm1", 1 << 20);
        volume.Write(0, TestPool.Pattern(1, 4096));
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Everything_made_has_one_of_its_own()
    {
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        _test.Pool.CreateSnapshots([("vm1", "vm1@w")], writable: true);
        _test.Pool.Clone("vm1@a", ["vm2", "vm3"]);

        Guid[] generations = [.. _test.Pool.Volumes().Select(volume => volume.Generation)];

        generations.Should().HaveCount(5).And.OnlyHaveUniqueItems().And.NotContain(Guid.Empty);
        _test.KillAndReopen();
        _test.Pool.Volumes().Select(volume => volume.Generation).Should().Equal(generations);
        _test.CloseAndReopen();
        _test.Pool.Volumes().Select(volume => volume.Generation).Should().Equal(generations);
    }

    [Fact]
    public void Writes_snapshots_sizes_and_names_leave_it_alone()
    {
        Guid before = Generation("vm1");
        using (VolumeHandle volume = _test.Handle("vm1"))
        {
            volume.Write(0, TestPool.Pattern(2, 4096));
            volume.Resize(1 << 19);
        }

        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        _test.Pool.Clone("vm1", "vm2");
        _test.Pool.Rename("vm1", "vm9");
        _test.Pool.Delete("vm1@a");
        _test.Pool.ReclaimNow();

        Generation("vm9").Should().Be(before);
    }

    [Fact]
    public void To_become_a_clone_of_another_is_a_new_beginning()
    {
        using VolumeHandle source = _test.Handle("vm1");
        using VolumeHandle target = _test.Volume("vm2", 0);
        Guid before = Generation("vm2");

        _test.Pool.TryCloneInto(source, target).Should().BeTrue();

        Generation("vm2").Should().NotBe(before).And.NotBe(Generation("vm1"));
    }

    private Guid Generation(string name) => _test.Pool.Find(name)!.Generation;
}
