using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

public sealed class HoldTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(16);

    public HoldTests()
    {
        _test.Volume("vm1", 1 << 20).Dispose();
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_held_snapshot_is_deleted_when_its_last_hold_is_released()
    {
        _test.Pool.Hold("vm1@a", "backup").Holds.Select(hold => hold.Name).Should().Equal("backup");
        _test.Pool.Hold("vm1@a", "audit");
        _test.Pool.Hold("vm1@a", "audit").Holds.Select(hold => hold.Name).Should().Equal("audit", "backup");
        Refused(PoolErrorKind.Busy, () => _test.Pool.Delete("vm1@a")).Should().Contain("audit, backup");

        _test.Pool.Release("vm1@a", "backup");
        Refused(PoolErrorKind.Busy, () => _test.Pool.Delete("vm1@a")).Should().Contain("audit").And.NotContain("backup");
        Refused(PoolErrorKind.NotFound, () => _test.Pool.Release("vm1@a", "backup")).Should().Contain("audit");
        _test.Pool.Release("vm1@a", "audit").Holds.Should().BeEmpty();

        _test.Pool.Delete("vm1@a");
        _test.Pool.Delete("vm1");
    }

    [Fact]
    public void Holds_go_with_the_snapshot_through_renames_restarts_and_crashes()
    {
        DateTimeOffset since = _test.Pool.Hold("vm1@a", "backup").Holds.Single().Since;
        _test.Pool.Rename("vm1@a", "vm1@b");
        _test.KillAndReopen();
        _test.Pool.Find("vm1@b")!.Holds.Should().Equal(new SnapshotHold("backup", since));
        _test.CloseAndReopen();
        Refused(PoolErrorKind.Busy, () => _test.Pool.Delete("vm1@b"));
        _test.Pool.Release("vm1@b", "backup");
        _test.KillAndReopen();
        _test.Pool.Delete("vm1@b");
    }

    [Theory]
    [InlineData("vm1", "backup", PoolErrorKind.Usage)]
    [InlineData("vm1@a", "", PoolErrorKind.Usage)]
    [InlineData("vm1@a", "a b", PoolErrorKind.Usage)]
    [InlineData("vm1@none", "backup", PoolErrorKind.NotFound)]
    public void What_is_no_snapshot_or_no_name_is_refused(string snapshot, string by, PoolErrorKind kind) =>
        Refused(kind, () => _test.Pool.Hold(snapshot, by));

    [Fact]
    public void Holds_are_bounded()
    {
        for (int i = 0; i < SnapshotHolds.MaxHolds; i++)
        {
            _test.Pool.Hold("vm1@a", $"h{i}");
        }

        Refused(PoolErrorKind.Failed, () => _test.Pool.Hold("vm1@a", "one-more"));
        _test.CloseAndReopen();
        _test.Pool.Find("vm1@a")!.Holds.Should().HaveCount(SnapshotHolds.MaxHolds);
    }

    private static string Refused(PoolErrorKind kind, Action act)
    {
        PoolException refusal = act.Should().Throw<PoolException>().Which;
        refusal.Kind.Should().Be(kind);
        return refusal.Message;
    }
}
