namespace ThinFuse.Pool.Tests.Faults;

public sealed class ReportLimitTests
{
    [Fact]
    public void The_first_report_is_made_at_once_and_later_ones_once_a_minute_with_how_many_there_were()
    {
        SetClock clock = new() { Now = TimeSpan.FromDays(1) };
        ReportLimit limit = new(clock);
        MustReport(limit, heldBack: 0);
        limit.MayReport(out long none).Should().BeFalse();
        none.Should().Be(0);
        clock.Now += TimeSpan.FromSeconds(59);
        limit.MayReport(out _).Should().BeFalse();

        clock.Now += TimeSpan.FromSeconds(1);

        MustReport(limit, heldBack: 2);
        limit.MayReport(out _).Should().BeFalse("the minute begins anew");
        clock.Now += TimeSpan.FromHours(1);
        MustReport(limit, heldBack: 1);
    }

    [Fact]
    public void A_clock_that_begins_at_zero_reports_too() => MustReport(new ReportLimit(new SetClock()), heldBack: 0);

    private static void MustReport(ReportLimit limit, long heldBack)
    {
        limit.MayReport(out long others).Should().BeTrue();
        others.Should().Be(heldBack);
    }

    private sealed class SetClock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
