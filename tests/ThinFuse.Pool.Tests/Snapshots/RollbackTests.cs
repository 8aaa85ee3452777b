using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

public sealed class RollbackTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(64);
    private readonly byte[] _monday;
    private readonly byte[] _today;

    public RollbackTests()
    {
        _test.Volume("vm1", 1 << 20).Dispose();
        Write("vm1", 0, 1, 200_000);
        _monday = _test.Read("vm1");
        _test.Pool.CreateSnapshot("vm1", "vm1@monday");
        Write("vm1", 65_000, 2, 90_000);
        _test.Pool.Resize("vm1", 2 << 20);
        Write("vm1", 1_900_000, 3, 4096);
        _today = _test.Read("vm1");
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void The_volume_is_what_the_snapshot_is_and_what_it_was_is_a_snapshot()
    {
        Guid generation = _test.Pool.Find("vm1")!.Generation;

        RollbackOutcome outcome = _test.Pool.RollBack("vm1@monday", new RollbackOptions(KeepAs: "broken"));

        outcome.Volume.Should().Match<VolumeInfo>(volume => volume.Name == "vm1" && volume.SizeBytes == 1 << 20 && volume.Generation != generation);
        outcome.Kept.Should().Match<VolumeInfo>(kept => kept.Name == "vm1@broken" && kept.IsReadOnly && kept.Origin == "vm1" && kept.SizeBytes == 2 << 20);
        MustBe("vm1", _monday);
        MustBe("vm1@broken", _today);
        MustBe("vm1@monday", _monday);

        Write("vm1", 0, 4, 4096);
        MustBe("vm1@monday", _monday);
        _test.Pool.Resize("vm1", 2 << 20);
        _test.Read("vm1").AsSpan(1 << 20).ContainsAnyExcept((byte)0).Should().BeFalse("nothing of the abandoned state comes back");
        _test.Pool.RollBack("vm1@broken", new RollbackOptions(KeepAs: "again"));
        MustBe("vm1", _today);
        _test.MustBeClean();
        _test.KillAndReopen();
        MustBe("vm1", _today);
        MustBe("vm1@broken", _today);
        _test.Events.Should().Contain(PoolEventKinds.VolumeRolledBack);
    }

    [Fact]
    public void What_is_discarded_comes_back_as_space()
    {
        long allocated = _test.Pool.Status().AllocatedBytes;
        long exclusive = _test.Pool.Find(_test.Pool.Find("vm1")!.Id, withExclusive: true)!.ExclusiveBytes;

        _test.Pool.RollBack("vm1@monday", new RollbackOptions(DiscardCurrent: true)).Kept.Should().BeNull();
        _test.Pool.ReclaimNow();

        (allocated - _test.Pool.Status().AllocatedBytes).Should().Be(exclusive).And.BePositive();
        MustBe("vm1", _monday);
        _test.Pool.Volumes().Select(volume => volume.Name).Should().Equal("vm1", "vm1@monday");
        _test.MustBeClean();
    }

    [Fact]
    public void It_is_refused_while_the_volume_is_open_unless_it_is_forced()
    {
        using VolumeHandle open = _test.Handle("vm1");
        Refused(PoolErrorKind.Busy, "vm1@monday", new RollbackOptions());
        MustBe("vm1", _today);

        _test.Pool.RollBack("vm1@monday", new RollbackOptions(Force: true));

        byte[] seen = new byte[2 << 20];
        open.Read(0, seen).Should().Be(1 << 20);
        seen.AsSpan(0, 1 << 20).SequenceEqual(_monday).Should().BeTrue("an open file shows the new content");
        open.Write(0, TestPool.Pattern(9, 4096));
        MustBe("vm1@monday", _monday);
        _test.MustBeClean();
    }

    [Fact]
    public void The_volume_is_found_by_descent_whatever_it_is_called()
    {
        _test.Pool.Rename("vm1", "vm9");
        _test.Volume("vm1", 4096).Dispose();
        _test.Pool.RollbackTarget("vm1@monday").Name.Should().Be("vm9");

        _test.Pool.RollBack("vm1@monday", new RollbackOptions(KeepAs: "old"));

        MustBe("vm9", _monday);
        MustBe("vm9@old", _today);
        _test.Pool.Delete("vm9");
        Refused(PoolErrorKind.NotFound, "vm1@monday", new RollbackOptions());
    }

    [Fact]
    public void A_snapshot_of_a_snapshot_that_is_gone_still_finds_its_volume()
    {
        _test.Pool.CreateSnapshots([("vm1@monday", "vm1@w")], writable: true);
        Write("vm1@w", 0, 7, 4096);
        byte[] changed = _test.Read("vm1@w");
        _test.Pool.CreateSnapshot("vm1@w", "vm1@x");
        _test.Pool.Delete("vm1@w");
        _test.Pool.ReclaimNow();

        _test.Pool.RollBack("vm1@x", new RollbackOptions(DiscardCurrent: true));

        MustBe("vm1", changed);
    }

    [Fact]
    public void A_writable_snapshot_is_rolled_back_to_as_it_is_at_that_moment()
    {
        _test.Pool.CreateSnapshots([("vm1@monday", "vm1@w")], writable: true);
        Write("vm1@w", 100_000, 7, 4096);
        byte[] changed = _test.Read("vm1@w");

        _test.Pool.RollBack("vm1@w", new RollbackOptions());
        Write("vm1@w", 0, 8, 4096);

        MustBe("vm1", changed);
        _test.MustBeClean();
    }

    [Fact]
    public void Kept_states_get_names_of_their_own()
    {
        VolumeInfo first = _test.Pool.RollBack("vm1@monday", new RollbackOptions()).Kept!;
        VolumeInfo second = _test.Pool.RollBack("vm1@monday", new RollbackOptions()).Kept!;

        first.Name.Should().MatchRegex("^vm1@before-rollback-[0-9]{8}T[0-9]{6}Z$");
        second.Name.Should().StartWith("vm1@before-rollback-").And.NotBe(first.Name);
        Refused(PoolErrorKind.Exists, "vm1@monday", new RollbackOptions(KeepAs: "monday"));
        Refused(PoolErrorKind.Usage, "vm1@monday", new RollbackOptions(KeepAs: "a@b"));
        Refused(PoolErrorKind.Usage, "vm1@monday", new RollbackOptions(DiscardCurrent: true, KeepAs: "x"));
        Refused(PoolErrorKind.Usage, "vm1", new RollbackOptions());
        Refused(PoolErrorKind.NotFound, "vm1@none", new RollbackOptions());
        MustBe("vm1", _monday);
    }

    private void Refused(PoolErrorKind kind, string snapshot, RollbackOptions options)
    {
        Action act = () => _test.Pool.RollBack(snapshot, options);
        act.Should().Throw<PoolException>().Which.Kind.Should().Be(kind);
    }

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
}
