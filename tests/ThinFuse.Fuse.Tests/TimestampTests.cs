using ThinFuse.Fuse.Nodes;

namespace ThinFuse.Fuse.Tests;

public sealed class TimestampTests
{
    [Theory]
    [InlineData("2026-11-24T15:10:04.1234567Z", 1795533004, 123_456_700)]
    [InlineData("1970-01-01T00:00:00Z", 0, 0)]
    [InlineData("1969-12-31T23:59:59.9Z", -1, 900_000_000)]
    public void Times_go_both_ways_without_loss(string text, long seconds, uint nanoseconds)
    {
        DateTimeOffset time = DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

        FuseTimestamp.From(time).Should().Be(new FuseTimestamp(seconds, nanoseconds));
        FuseTimestamp.From(time).ToDateTimeOffset().Should().Be(time);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Times_that_cannot_be_expressed_are_held_at_the_ends(long seconds) =>
        new Action(() => new FuseTimestamp(seconds, uint.MaxValue).ToDateTimeOffset()).Should().NotThrow();
}
