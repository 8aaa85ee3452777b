using ThinFuse.Daemon.Control.Server;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tests.Control;

public sealed class VolumeTreeTests
{
    [Fact]
    public void Children_follow_their_parents_and_orphans_are_roots() =>
        Names(Volume(4, "z", 0), Volume(5, "a", 4), Volume(6, "b", 5), Volume(7, "c", 4), Volume(8, "orphan", 99))
            .Should().Equal(("orphan", null), ("z", null), ("a", "z"), ("b", "a"), ("c", "z"));

    [Fact]
    public void A_circle_is_listed_once_and_begins_with_its_oldest() =>
        Names(Volume(1, "a", 3), Volume(2, "b", 1), Volume(3, "c", 2), Volume(4, "d", 0))
            .Should().Equal(("d", null), ("a", null), ("b", "a"), ("c", "b"));

    [Fact]
    public void A_long_line_of_descent_is_no_problem()
    {
        const int Length = 100_000;
        VolumeInfo[] line = [.. Enumerable.Range(1, Length).Select(i => Volume((ulong)i, $"v{i}", (ulong)i - 1))];

        VolumeTree.ParentsFirst(line).Should().HaveCount(Length);
    }

    private static (string Name, string? Parent)[] Names(params VolumeInfo[] volumes) =>
        [.. VolumeTree.ParentsFirst(volumes).Select(entry => (entry.Name, entry.Parent))];

    private static VolumeInfo Volume(ulong id, string name, ulong originId) => new(
        id, name, VolumeKind.Volume, originId, null, 512, 0, 0, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0x180);
}
