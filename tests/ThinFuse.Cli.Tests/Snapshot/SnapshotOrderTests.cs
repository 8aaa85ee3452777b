using ThinFuse.Cli.Snapshot;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Snapshot;

public sealed class SnapshotOrderTests
{
    [Theory]
    [InlineData(null, "a b c")]
    [InlineData("name", "a b c")]
    [InlineData("age", "c a b")]
    [InlineData("size", "b a c")]
    [InlineData("exclusive", "a c b")]
    public void A_list_comes_in_the_order_asked_for(string? order, string expected)
    {
        VolumeResponse[] snapshots = [Snapshot("c", 1, 1, 7), Snapshot("b", 2, 9, 5), Snapshot("a", 2, 1, 9)];

        SnapshotOrder.Sort(snapshots, order).Select(snapshot => snapshot.Name).Should().Equal(expected.Split(' '));
    }

    private static VolumeResponse Snapshot(string name, int day, long sizeBytes, long exclusiveBytes) =>
        new(name, VolumeKind.Snapshot, null, sizeBytes, 0, exclusiveBytes, 0, true, new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero));
}
